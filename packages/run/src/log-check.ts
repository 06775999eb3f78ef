/**
 * Whether a log is still the one that a checkpoint knows. The checkpoint holds size and SHA-256 of every file that was
 * kept then; the last one counts up to where the checkpoint was taken.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@ligature/core';
import { openPlainFile } from '@ligature/core/node';
import { z } from 'zod';
import { indices, placeOf, rotated, type LogPosition } from './log-files.js';

/** A file of a log, by the number that it has or will have when it is rotated away. */
export interface LogFileDigest {
  readonly file: number;
  readonly bytes: number;
  readonly sha256: string;
}

export const logDigestsSchema = z
  .array(z.strictObject({ file: z.int().min(1), bytes: z.int().min(0), sha256: z.hash('sha256') }))
  .min(1)
  .refine((all) => all.every(({ file }, at) => at === 0 || file === (all[at - 1]?.file ?? 0) + 1), {
    error: 'a file is left out',
  });

/** A log that has been looked at, up to a position: what goes on with it adds to both. */
export interface CheckedLog {
  /** Of the rotated files. */
  readonly whole: readonly LogFileDigest[];
  /** Of the first bytes of the current one. */
  readonly begun: Hash;
}

/**
 * @param oldest files before it may have been thrown away since: they are kept for older checkpoints only
 * @param known what the checkpoint says of the files; checkpoints of earlier versions say nothing
 * @throws InputError: `run-log-short` when the log does not reach that far, `run-log-changed` naming the file that is
 *   missing or not what it was
 */
export async function checkLog(
  folder: string,
  at: LogPosition,
  oldest: number,
  known?: readonly LogFileDigest[],
): Promise<CheckedLog> {
  const current = placeOf(folder, at.file + 1);
  const length = sizeOf(current) ?? 0;
  if (length < at.bytes) throw short(folder, at.bytes, length);
  let whole: LogFileDigest[] = [];
  for (const { file, bytes, sha256 } of rotatedBefore(folder, at, known?.slice(0, -1) ?? [])) {
    const path = join(folder, rotated(file));
    const size = sizeOf(path);
    if (size === undefined) {
      if (file >= oldest) throw changed(folder, path, 'is missing');
      // Before a gap nothing is of use.
      whole = [];
      continue;
    }
    if (bytes !== UNKNOWN && size !== bytes) throw changed(folder, path, `has ${size} bytes, not ${bytes}`);
    const found = (await hashOf(path, size)).digest('hex');
    if (bytes !== UNKNOWN && found !== sha256) throw changed(folder, path, 'does not match its checksum');
    whole.push({ file, bytes: size, sha256: found });
  }
  const begun = await hashOf(current, at.bytes);
  const last = known?.at(-1);
  if (last && begun.copy().digest('hex') !== last.sha256) {
    throw changed(folder, current, `does not match its checksum in its first ${at.bytes} bytes`);
  }
  return { whole, begun };
}

/** Those that are known, and before them what else is there without a gap: kept for an older checkpoint. */
function rotatedBefore(
  folder: string,
  { file: last }: LogPosition,
  known: readonly LogFileDigest[],
): LogFileDigest[] {
  const all = [...known];
  const there = new Set(indices(folder));
  for (let file = (known[0]?.file ?? last + 1) - 1; there.has(file); file -= 1) {
    all.unshift({ file, bytes: UNKNOWN, sha256: '' });
  }
  return all;
}

const UNKNOWN = -1;

/** `undefined` where there is no plain file: nobody waits for a pipe. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

async function hashOf(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256');
  if (bytes === 0) return hash;
  const file = await openPlainFile(path, constants.O_RDONLY);
  for await (const chunk of file.createReadStream({ end: bytes - 1 })) hash.update(chunk as Buffer);
  return hash;
}

const WAY_OUT =
  'or begin a new run from its weights: --set weights.from.name=run --set weights.from.options.path=FOLDER';

function short(folder: string, wanted: number, found: number): InputError {
  return new InputError('run-log-short', {
    asked: `Resume the event log of "${folder}"`,
    found: `the checkpoint was taken at byte ${wanted}, the log has ${found}`,
    todo: `Put the whole log back (a log with a gap would pass for a whole one), ${WAY_OUT}`,
  });
}

function changed(folder: string, path: string, found: string): InputError {
  return new InputError('run-log-changed', {
    asked: `Resume the event log of "${folder}"`,
    found: `${basename(path)} ${found}: it is not the log that the checkpoint knows`,
    todo: `Put the file back as it was, ${WAY_OUT}`,
  });
}
