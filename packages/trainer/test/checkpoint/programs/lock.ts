/** Tries to lock a folder, says how it went, and keeps it until its input ends: `node … lock.ts FOLDER`. */
import { writeSync } from 'node:fs';
import { acquireRunLock } from '../../../src/checkpoint/run-lock.js';

writeSync(1, 'ready\n');
process.stdin.on('data', () => undefined);
await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
try {
  const { takenOver } = await acquireRunLock(process.argv[2] ?? '');
  writeSync(1, `${JSON.stringify({ locked: process.pid, takenOver })}\n`);
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  writeSync(1, `${JSON.stringify({ code, message })}\n`);
}
