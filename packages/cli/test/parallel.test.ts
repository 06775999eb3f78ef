/** Trials side by side in processes of their own against the same trials one after another in this one. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runTrial } from '@ligature/run';
import { planTrials, readStudy, type Comparison } from '@ligature/studies';
import { expect, it } from 'vitest';
import { createHost } from '../src/builtins.js';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

it('trials side by side give the numbers that they give one after another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-parallel-'));
  try {
    const text = Array.from({ length: 120 }, (_, i) => `Line ${i} and ${i + 1} make ${2 * i + 1}.\n\n`).join(
      '',
    );
    writeFileSync(join(folder, 'text.txt'), text);
    const flags = [
      ...['--dataset', 'text.txt', '--tokenizer', 'bpe:vocabularySize=270', '--backend', 'cpu'],
      ...['--layers', '2', '--width', '8', '--heads', '2', '--context', '8', '--batch', '2', '--window', '1'],
      ...['--controllers', 'none,random', '--steps', '3', '--parallel', '2', '--threads', '1', '--json'],
    ];
    const source = ['--conditions=@ligature/source', '--import', import.meta.resolve('tsx')];
    // Decorators, also from a folder of the test's own.
    const TSX_TSCONFIG_PATH = fileURLToPath(new URL('../../../tsconfig.base.json', import.meta.url));
    const env = { ...process.env, TSX_TSCONFIG_PATH, LIGATURE_CACHE: join(folder, 'cache') };
    const ran = await promisify(execFile)(process.execPath, [...source, MAIN, 'compare', ...flags], {
      cwd: folder,
      env,
    });
    const { trials, failed } = JSON.parse(ran.stdout) as Comparison;
    expect(failed).toEqual([]);
    // Both learned the tokenizer at the same time; one whole file is left of it.
    expect(readdirSync(join(folder, 'cache', 'tokenizers'))).toHaveLength(1);
    const study = join(folder, 'runs', 'compare-text');
    const { config } = readStudy(study);
    expect(config).toMatchObject({ threads: 1, compare: { parallel: 2 } });
    expect(readFileSync(join(study, 'comparison.md'), 'utf8')).toContain(
      'measured with 2 trials side by side on 1 thread each',
    );
    const alone = [];
    for (const plan of planTrials(config)) {
      const environment = {
        ...{ host: createHost(), cwd: folder, cacheFolder: join(folder, 'other-cache') },
        now: () => performance.now(),
      };
      alone.push(await runTrial(plan.config, join(folder, plan.id), environment));
    }
    const numbers = (all: Comparison['trials']): unknown =>
      all.map(({ controller, seed, losses, test, tieMaps }) => ({ controller, seed, losses, test, tieMaps }));
    expect(numbers(trials)).toEqual(numbers(alone));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
