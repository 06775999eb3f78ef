/** Real runs whose controller goes by gradients: what the log says is what was done, and a stop leaves no trace. */
import { join } from 'node:path';
import { MovingTable, plugin as gradientConflict } from '@ligature/controller-gradient-conflict';
import {
  independentLayers,
  measurementOf,
  mergedMap,
  mostSimilarBlocks,
  type EventOf,
  type EventType,
  type RunConfigInput,
  type Similarity,
} from '@ligature/core';
import { expect, it } from 'vitest';
import { remains, run } from '../packages/run/test/resumed-run.js';
import { tinyRun, withFolder, type TinyRun } from '../packages/run/test/tiny-run.js';

const eventsOf = <T extends EventType>({ events }: TinyRun, type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type);

it('merges the neighbours that the measurements of its log agree on', async () => {
  await withFolder(async (folder) => {
    const options = { blocks: 2, from: 0.2, until: 0.8, every: 2, threshold: -1 };
    const base: RunConfigInput = {
      model: { layers: 4, width: 8, heads: 2, context: 8 },
      training: { steps: 10, batch: 2, warmup: 0 },
      tying: { window: 1 },
      controller: { name: 'gradient-conflict', options },
    };
    const made = await tinyRun(folder, base, [gradientConflict]);
    const measured = eventsOf(made, 'layers.measured');
    expect(measured.map(({ window, kind }) => [window, kind])).toEqual(
      [0, 2, 4, 6, 8].map((window) => [window, 'gradient-cosine']),
    );
    // A step each: two rows of eight tokens.
    expect(measured.map(({ tokens }) => tokens)).toEqual([16, 16, 16, 16, 16]);
    const average = new MovingTable(4, 0.8);
    let merges = 0;
    for (const { window, previous, tieMap } of eventsOf(made, 'tying.applied')) {
      const event = measured.find((one) => one.window === window);
      if (event) average.add((measurementOf(event) as Similarity).matrix);
      if (independentLayers(previous).length === independentLayers(tieMap).length) continue;
      merges += 1;
      const { first, second } = mostSimilarBlocks(previous, average.mean!, true)!;
      expect(tieMap).toEqual(mergedMap(previous, first, second));
    }
    expect(merges).toBe(2);
  });
});

it('goes on exactly where it was stopped', async () => {
  await withFolder(async (folder) => {
    const options = { blocks: 1, from: 0, until: 1, every: 1, threshold: 0.5, margin: 0 };
    const overrides: RunConfigInput = { controller: { name: 'gradient-conflict', options } };
    const whole = await run(folder, 'whole', overrides, [], [gradientConflict]);
    for (const stops of [[4], [7, 9]]) {
      const name = `stopped-${stops.join('-')}`;
      const resumed = await run(folder, name, overrides, stops, [gradientConflict]);
      expect({ stops, ...remains(join(folder, name)) }).toEqual({ stops, ...remains(join(folder, 'whole')) });
      expect(resumed.tieMaps).toEqual(whole.tieMaps);
    }
  });
});
