/** Whether a process is at a run: its lock says which. A lock that cannot be read, or of another machine, does not count. */
import { constants } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseJson } from '@ligature/core';
import { openPlainFile } from '@ligature/core/node';
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

async function readStart(path: string): Promise<string> {
  const handle = await openPlainFile(path, constants.O_RDONLY);
  try {
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
