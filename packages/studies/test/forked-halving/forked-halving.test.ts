/** A tiny untied run, forked: rungs are one training that is looked at on its way, and a stopped study ends the same. */
import { join } from 'node:path';
import type { TrialStore } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import { describe, expect, it } from 'vitest';
import { runTrial } from '@ligature/run';
import type { ForkedHalving, ForkedHalvingSettings } from '../../src/index.js';
import { lookAtStudy, readRetrainingSource, plugin } from '../../src/index.js';
import { keepStart } from '../../src/retraining/source.js';
import { conduct, goOn, plain, trials } from '../studies.js';
import { environment, tinyConfig, withFolder } from '../../../run/test/tiny-run.js';

describe('forked halving', () => {
  it('goes on from rung to rung with weights, moments and map, and can be stopped anywhere', async () => {
    await withFolder(async (folder) => {
      const warm = tinyConfig(folder, { model: { layers: 3 }, training: { steps: 2 } });
      const run = join(folder, 'run');
      await runTrial(warm, run, environment(folder));
      const source = await readRetrainingSource(run);
      const config = {
        ...source.config,
        training: { ...source.config.training, schedule: 'constant' as const, warmup: 0 },
        compare: { ...source.config.compare, seeds: 1 },
      };
      const settings: ForkedHalvingSettings = {
        run: { folder: run, controller: 'none', seed: 1, steps: 2, layers: 3 },
        maps: [
          [0, 0, 2],
          [0, 1, 1],
        ],
        rungs: [3, 6],
        all: false,
      };
      const begin = (store: TrialStore): Promise<void> => keepStart(run, source.checkpoint, store);
      const place = join(folder, 'whole');
      const all = trials(folder);
      const whole = await conduct<ForkedHalving>('forked-halving', config, settings, place, all, { begin });
      const kept = whole.kept!.join('-');
      expect(all.ran).toEqual(['rung-1-0-0-2-seed-1', 'rung-1-0-1-1-seed-1', `rung-2-${kept}-seed-2`]);
      expect(whole).toMatchObject({ unfinished: 0, cost: { steps: 9 }, oneRun: { steps: 6 } });
      expect(whole.maps[0]!.values[0]!).toBeLessThanOrEqual(whole.maps[1]!.values[0]!);

      // The first rung begins with the run's weights, the second with all that the first had at its end.
      const at = async (trial: string, step?: string) => {
        const store = new CheckpointStore(join(place, trial, 'checkpoints'));
        return step === undefined ? (await store.latest())! : await store.open(step);
      };
      const lower = await at(`rung-1-${kept}-seed-1`);
      const upper = await at(`rung-2-${kept}-seed-2`, 'step-000000').catch(() => undefined);
      if (upper) {
        expect(upper.model.weights.tensors).toEqual(lower.model.weights.tensors);
        expect(upper.parts['registry']).toEqual(lower.parts['registry']);
      }
      expect(JSON.parse(lower.model.weights.metadata['tieMap']!)).toEqual(whole.kept);

      for (const stopIn of ['rung-1-0-1-1-seed-1', `rung-2-${kept}-seed-2`]) {
        const cut = join(folder, `cut in ${stopIn}`);
        const first = trials(folder, { stopIn });
        const stopped = await conduct<ForkedHalving>('forked-halving', config, settings, cut, first, {
          begin,
        });
        expect(stopped).toMatchObject({ unfinished: 1, kept: null });
        const second = trials(folder);
        const resumed = await goOn<ForkedHalving>(cut, second);
        expect(second.ran[0]).toBe(`${stopIn}, begun`);
        expect(plain(resumed)).toEqual(plain(whole));
      }

      // Whoever only looks at the folder finds all rungs, too.
      const document = await lookAtStudy(place, environment(place, {}, [plugin]).host);
      expect(document!.verdict).toBe(whole.verdict);
      expect(document!.unfinished).toBe(0);
    });
  }, 60_000);
});
