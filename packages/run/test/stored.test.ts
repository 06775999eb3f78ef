/** A run measured as it would be stored: its file's size, its weights rounded, its folder as it was. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateRun } from '../src/index.js';
import { environment, tinyRun, withFolder } from './tiny-run.js';

const everything = (folder: string): unknown[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name), 'base64')]);

describe('a run in int8', () => {
  it('is measured beside the run as it was trained, and its folder does not change', async () => {
    await withFolder(async (folder) => {
      const model = { layers: 3, width: 16 };
      const run = await tinyRun(folder, { model, controller: { name: 'map', options: { map: '0-0-2' } } });
      const before = everything(run.folder);
      const { stored, metrics, ledger } = await evaluateRun(
        run.folder,
        { split: 'test', round: ['int8'] },
        environment(folder),
      );
      expect(stored.map(({ rounding }) => rounding)).toEqual(['none', 'int8']);
      const [whole, small] = stored as [(typeof stored)[0], (typeof stored)[0]];
      expect(metrics).toEqual(run.result.test);
      expect(whole.metrics).toEqual(metrics);
      // The checkpoint's own file, to the byte: the shared block is in it once.
      const checkpoints = join(run.folder, 'checkpoints');
      const newest = readdirSync(checkpoints).sort().at(-1) as string;
      expect(whole.bytes).toBe(statSync(join(checkpoints, newest, 'model.safetensors')).size);
      expect(whole.kept).toBe(ledger.uniqueParameters);
      expect(whole.rounded).toBe(0);
      // Matrices of a block of width 16: 16 x (48 + 16 + 64 + 64); two blocks, 256 tokens, 8 positions.
      expect(small.rounded).toBe(2 * 16 * 192 + 16 * (256 + 8));
      expect(small.rounded + small.kept).toBe(ledger.uniqueParameters);
      expect(small.bytes).toBeLessThan(whole.bytes / 2);
      expect(small.metrics['nats']).not.toBe(metrics['nats']);
      expect(small.metrics['nats']).toBeCloseTo(metrics['nats'] as number, 2);
      expect(everything(run.folder)).toEqual(before);
    });
  });

  it('is not measured unless that is asked for, and once however often it is', async () => {
    await withFolder(async (folder) => {
      const run = await tinyRun(folder);
      const roundings = async (round?: readonly ('none' | 'int8')[]) => {
        const options = { split: 'validation' as const, batches: 1, ...(round && { round }) };
        const { stored } = await evaluateRun(run.folder, options, environment(folder));
        return stored.map(({ rounding }) => rounding);
      };
      expect(await roundings()).toEqual(['none']);
      expect(await roundings(['none', 'int8', 'int8'])).toEqual(['none', 'int8']);
    });
  });
});
