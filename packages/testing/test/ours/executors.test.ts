import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugin } from '@ligature/studies';
import { checkExecutor } from '@ligature/testing';
import { afterAll, it } from 'vitest';
import { environment, tinyConfig } from '../../../run/test/tiny-run.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-executors-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Not `child-process`: whether a stop from another process arrives before the last step is a matter of time. Its own tests
// are those of the command, which stop real processes.
it('in-process', async () => {
  const { host } = environment(folder);
  const config = tinyConfig(folder, { training: { steps: 3 }, tying: { window: 10 } });
  await checkExecutor(plugin, 'in-process', { config, plugins: host.plugins(), cwd: folder });
}, 120_000);
