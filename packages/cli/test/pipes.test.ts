import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

// One that waits for a pipe is ended after a time that no reader needs.
const PATIENCE = 240_000;

it.skipIf(process.platform === 'win32')(
  'no reader waits for a pipe that has the name of a file: each says what it found',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ligature-pipes-'));
    try {
      const program = fileURLToPath(new URL('./programs/read-pipes.ts', import.meta.url));
      const words = ['--conditions=@ligature/source', '--import', 'tsx', program, folder];
      const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: PATIENCE });
      const lines = stdout.trim().split('\n');
      const refused = lines.filter((line) => !/: (read: undefined|taken over)$/.test(line));
      expect(refused.length).toBeGreaterThan(15);
      for (const line of refused)
        expect(line).toMatch(/: [a-z]+(-[a-z0-9]+)+, .*(pipe|no plain file|path is none|damaged)/);
      expect({ status, last: lines.at(-1) }).toEqual({ status: 0, last: 'the lock of a run: taken over' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  PATIENCE + 60_000,
);
