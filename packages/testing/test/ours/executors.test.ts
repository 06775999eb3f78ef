import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plugin } from '@ligature/studies';
import { checkExecutor } from '@ligature/testing';
import { afterAll, it, vi } from 'vitest';
import { environment, tinyConfig } from '../../../run/test/tiny-run.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-executors-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const configOf = (steps: number) => tinyConfig(folder, { training: { steps }, tying: { window: 10 } });

it('in-process', async () => {
  const { host } = environment(folder);
  await checkExecutor(plugin, 'in-process', { config: configOf(3), plugins: host.plugins(), cwd: folder });
}, 120_000);

it('child-process', async () => {
  // A process of its own has no vitest to read sources for it.
  vi.stubEnv('NODE_OPTIONS', '--conditions=@ligature/source --import tsx');
  // A stop takes its time from process to process.
  const config = configOf(150);
  const ordered = environment(folder)
    .host.plugins()
    .map(({ name, version }) => ({ specifier: name, version }));
  await checkExecutor(plugin, 'child-process', {
    config,
    ordered,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
}, 400_000);
