/** Real runs whose controller has similarity measured: what the log says is what was done, and nothing else moves. */
import { join } from 'node:path';
import { independentLayers, type EventOf, type EventType, type RunConfigInput } from '@ligature/core';
import { mostSimilarBlocks, plugin as similarity } from '@ligature/controller-similarity';
import { describe, expect, it } from 'vitest';
import { remains, run } from '../packages/run/test/resumed-run.js';
import { tinyRun, withFolder, type TinyRun } from '../packages/run/test/tiny-run.js';

const KINDS = ['weight-cosine', 'hidden-cka', 'gradient-cosine'] as const;

const base: RunConfigInput = {
  model: { layers: 4, width: 8, heads: 2, context: 8, dropout: 0.1 },
  training: { steps: 6, batch: 2, warmup: 0 },
};

const eventsOf = <T extends EventType>({ events }: TinyRun, type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type);

describe.each(KINDS)('%s', (measure) => {
  it('merges what the log says was most alike, until two blocks are left', async () => {
    await withFolder(async (folder) => {
      const options = { measure, warmup: 1, every: 1, blocks: 2 };
      const run = await tinyRun(folder, { ...base, controller: { name: 'similarity', options } }, [
        similarity,
      ]);
      const measured = eventsOf(run, 'layers.measured');
      expect(measured.map(({ window, kind, values }) => [window, kind, values.length])).toEqual([
        [1, measure, 6],
        [2, measure, 6],
      ]);
      const applied = eventsOf(run, 'tying.applied');
      for (const { window, values, layers } of measured) {
        const left = [...values];
        const matrix = Array.from({ length: layers }, () => new Array<number>(layers).fill(1));
        for (let i = 0; i < layers; i += 1) {
          for (let j = i + 1; j < layers; j += 1) matrix[i]![j] = matrix[j]![i] = left.shift()!;
        }
        const { previous, tieMap } = applied.find((event) => event.window === window)!;
        const pair = mostSimilarBlocks(previous, matrix)!;
        expect(tieMap).toEqual(previous.map((root) => (root === pair.second ? pair.first : root)));
      }
      expect(independentLayers(run.result.tieMap)).toHaveLength(2);
    });
  });

  it('moves nothing by being measured: losses are those of a run that never asks', async () => {
    await withFolder(async (folder) => {
      const options = { measure, warmup: 0, every: 1, threshold: 1 };
      const asking = await tinyRun(
        folder,
        { ...base, controller: { name: 'similarity', options } },
        [similarity],
        'a',
      );
      const silent = await tinyRun(folder, { ...base, controller: 'none' }, [], 'b');
      expect(eventsOf(asking, 'layers.measured')).toHaveLength(6);
      const losses = (run: TinyRun): number[] => eventsOf(run, 'step.completed').map(({ loss }) => loss);
      expect(losses(asking)).toEqual(losses(silent));
    });
  });
});

it('goes on exactly where it was stopped', async () => {
  await withFolder(async (folder) => {
    const options = { measure: 'gradient-cosine', warmup: 0, every: 1, blocks: 1 };
    const overrides: RunConfigInput = { controller: { name: 'similarity', options } };
    const whole = await run(folder, 'whole', overrides, [], [similarity]);
    for (const stops of [[4], [7, 9]]) {
      const name = `stopped-${stops.join('-')}`;
      const resumed = await run(folder, name, overrides, stops, [similarity]);
      expect({ stops, ...remains(join(folder, name)) }).toEqual({ stops, ...remains(join(folder, 'whole')) });
      expect(resumed.tieMaps).toEqual(whole.tieMaps);
    }
  });
});
