/** An empty folder that is gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-create-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
