/**
 * One process at a time on a run folder. The lock is the file `run.lock`, which says who holds it. It appears with
 * its text in one go (a hard link to a finished file), so nobody ever reads half of it. The lock of a process that
 * is no more is replaced by a rename, under a second lock that is named after the very lock to be replaced: of
 * several processes that find one stale lock only one replaces it, and a latecomer finds it replaced.
 */
import { randomUUID } from 'node:crypto';
import { link, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, LigatureError } from '@ligature/core';
import { clearAsides, isSystemError, nodeFileSystem, readPlainFile, unwritable } from '@ligature/core/node';
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { stateOf, thisSystem, type ProcessState, type ProcessSystem } from './process-identity.js';

const LOCK_FILE = 'run.lock';
const MAX_LOCK_BYTES = 10_000;
const RETRY_MS = 20;
const ATTEMPTS = 250;
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Who holds, or held, a lock. */
export interface RunLockHolder {
  readonly pid: number;
  readonly host: string;
}

export interface RunLock {
  /** The dead process whose lock this one replaced; not there when the folder was free. */
  readonly takenOver?: RunLockHolder;
  /** Frees the folder. Calling it again does nothing. */
  release(): Promise<void>;
}

const lockSchema = z.object({
  pid: z.int().positive(),
  host: z.string().max(300),
  started: z.string().max(300).nullable(),
  namespace: z.string().max(300).nullable().optional(),
  /** Tells this lock from any other, also of the same process. */
  token: z.string().regex(/^[0-9a-f-]{36}$/),
});

type LockText = z.output<typeof lockSchema>;

/** A lock that cannot be read: cut off by a full disk or a power cut, so nobody holds it. */
const BROKEN = 'broken';

export interface RunLockOptions {
  /** Milliseconds to wait for a process on this machine that holds it; left out: none. */
  readonly patience?: number;
  /** What is known of processes; left out: what this system says. */
  readonly system?: ProcessSystem;
}

/**
 * Locks a run folder for this process. The lock of a process that is gone is taken over; that of one of which this cannot
 * be told from here never is.
 *
 * @throws InputError: `run-locked` naming the process that holds it; `folder-unwritable`
 */
export async function acquireRunLock(
  folder: string,
  { patience = 0, system = thisSystem }: RunLockOptions = {},
): Promise<RunLock> {
  const path = join(resolve(folder), LOCK_FILE);
  const waits = Math.ceil(patience / RETRY_MS);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const found = await acquire(path, system);
      if (found.kind === 'held' && (attempt > waits || found.state === 'unknown')) {
        throw locked(folder, path, found.by, found.state);
      }
      if (found.kind === 'acquired') {
        const { token, takenOver } = found;
        await clearDead(resolve(folder), system).catch(() => undefined);
        await clearAsides(resolve(folder)).catch(() => undefined);
        return {
          ...(takenOver && { takenOver: { pid: takenOver.pid, host: takenOver.host } }),
          release: () => release(path, token),
        };
      }
      // Only a process of another machine that died while it took a lock over can block it for so long.
      if (found.kind === 'again' && found.by && attempt >= ATTEMPTS) {
        const { path: guard, holder, state } = found.by;
        throw locked(folder, guard, holder, state);
      }
      await sleep(RETRY_MS);
    }
  } catch (error) {
    if (error instanceof LigatureError) throw error;
    throw unwritable(folder, error);
  }
}

type Attempt =
  | { readonly kind: 'acquired'; readonly token: string; readonly takenOver?: LockText }
  | { readonly kind: 'held'; readonly by: LockText; readonly state: ProcessState }
  /** Somebody changed it meanwhile, or is about to take it over. */
  | { readonly kind: 'again'; readonly by?: Guard };

interface Guard {
  readonly path: string;
  readonly holder: LockText;
  readonly state: ProcessState;
}

async function acquire(path: string, system: ProcessSystem): Promise<Attempt> {
  const token = randomUUID();
  const aside = `${path}.${token}`;
  const text = JSON.stringify({ ...(await system.identity()), token });
  await nodeFileSystem.write(aside, new TextEncoder().encode(text));
  try {
    if (await linkNew(aside, path)) return { kind: 'acquired', token };
    let current = await read(path);
    if (current === BROKEN) {
      // Where there are no hard links, somebody may be writing it just now.
      await sleep(RETRY_MS * 5);
      current = await read(path);
    }
    if (current === undefined) return { kind: 'again' };
    if (current !== BROKEN) {
      const state = await stateOf(current, dirname(path), system);
      if (state !== 'gone') return { kind: 'held', by: current, state };
    }
    return await takeOver({ path, aside, token, stale: current }, system);
  } finally {
    await rm(aside, { force: true });
  }
}

interface Takeover {
  readonly path: string;
  readonly aside: string;
  readonly token: string;
  readonly stale: LockText | typeof BROKEN;
}

async function takeOver({ path, aside, token, stale }: Takeover, system: ProcessSystem): Promise<Attempt> {
  const guardPath = `${path}.over-${stale === BROKEN ? BROKEN : stale.token.slice(0, 8)}`;
  const guard = await acquire(guardPath, system);
  if (guard.kind === 'held') {
    return { kind: 'again', by: { path: guardPath, holder: guard.by, state: guard.state } };
  }
  if (guard.kind === 'again') return guard;
  try {
    const current = await read(path);
    const same = current === stale || (isLock(current) && isLock(stale) && current.token === stale.token);
    if (!same) return { kind: 'again' };
    await nodeFileSystem.rename(aside, path);
    return { kind: 'acquired', token, ...(isLock(stale) && { takenOver: stale }) };
  } finally {
    await release(guardPath, guard.token);
  }
}

/** @returns whether `path` is now a second name of the file `from`; not when there was one already */
async function linkNew(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path);
    return true;
  } catch (error) {
    if (isSystemError(error) && NO_LINKS.includes(error.code ?? '')) return copyNew(from, path);
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** For file systems without hard links, such as FAT. */
async function copyNew(from: string, path: string): Promise<boolean> {
  try {
    await nodeFileSystem.write(path, await readPlainFile(from));
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Clears away what processes left that died while they were locking the folder. */
async function clearDead(folder: string, system: ProcessSystem): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${LOCK_FILE}.`));
  for (const path of names.map((name) => join(folder, name))) {
    const found = await read(path).catch(() => undefined);
    if (isLock(found) && (await stateOf(found, folder, system)) === 'gone') await rm(path, { force: true });
  }
}

async function release(path: string, token: string): Promise<void> {
  const current = await read(path);
  if (isLock(current) && current.token === token) await rm(path, { force: true });
}

async function read(path: string): Promise<LockText | typeof BROKEN | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await nodeFileSystem.read(path, MAX_LOCK_BYTES);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    if (isSystemError(error)) throw error;
    return BROKEN;
  }
  try {
    return lockSchema.parse(parseBoundedJson(bytes, LOCK_FILE));
  } catch {
    return BROKEN;
  }
}

function isLock(value: LockText | typeof BROKEN | undefined): value is LockText {
  return typeof value === 'object';
}

function locked(folder: string, path: string, { pid, host }: LockText, state: ProcessState): InputError {
  const who = `process ${pid} on ${host}`;
  const asked = `Use the run folder "${folder}"`;
  if (state === 'unknown') {
    return new InputError('run-locked', {
      asked,
      found: `${who} has locked it, in another container or on another machine: whether it still runs cannot be told from here`,
      todo: `Wait until it has ended, or stop it; once it is gone for certain, remove "${path}"`,
    });
  }
  if (state === 'stopped') {
    return new InputError('run-locked', {
      asked,
      found: `${who} is using it, and was stopped (SIGSTOP): it may go on at any time`,
      todo: `Let it go on with \`kill -CONT ${pid}\`, or end it with \`kill -KILL ${pid}\``,
    });
  }
  return new InputError('run-locked', {
    asked,
    found: `${who} is using it`,
    todo: `Wait until it has ended, or stop it; if there is no such process, remove "${path}"`,
  });
}
