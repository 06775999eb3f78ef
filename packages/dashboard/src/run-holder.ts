/** Whether a process is at a run: its lock says which. A lock that cannot be read, or of another machine, does not count. */
// eslint-disable-next-line no-restricted-imports -- `open` is for reading here
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseJson } from '@ligature/core';
import { z } from 'zod';

const MOST_BYTES = 10_000;
const lock = z.looseObject({ pid: z.int().positive(), host: z.string() });

export async function isHeld(folder: string): Promise<boolean> {
  const text = await readStart(join(folder, 'run.lock')).catch(() => undefined);
  if (text === undefined) return false;
  try {
    const { pid, host } = lock.parse(parseJson(text));
    return host === hostname() && isAlive(pid);
  } catch {
    return false;
  }
}

async function readStart(path: string): Promise<string | undefined> {
  const handle = await open(path);
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
