/** A run of three layers, retrained: what the trials start from, and that a stopped retraining gives the same table. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialStore } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import { describe, expect, it } from 'vitest';
import { runTrial } from '@ligature/run';
import { readRetrainingSource, type Retraining, type RetrainingSettings } from '../../src/index.js';
import { keepStart } from '../../src/retraining/source.js';
import { conduct, goOn, plain, trials } from '../studies.js';
import { environment, tinyConfig, withFolder } from '../../../run/test/tiny-run.js';

describe('a retraining', () => {
  it('goes on from the run, trains its map and others from scratch, and can be stopped', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, {
        model: { layers: 3 },
        controller: { name: 'map', options: { map: [0, 0, 2] } },
        training: { steps: 3 },
        compare: { seeds: 1 },
        checkpoint: { every: 1, keepLast: 9 },
      });
      const run = join(folder, 'run');
      const ended = await runTrial(config, run, environment(folder));
      const source = await readRetrainingSource(run);
      expect(source.run).toMatchObject({ seed: 1, steps: 3, budget: 3, tieMap: [0, 0, 2], blocks: 2 });
      expect(source.run.loss).toBe(ended.test['nats']);

      const settings: RetrainingSettings = {
        run: { ...source.run, tieMap: [...source.run.tieMap] },
        randomMaps: [[0, 1, 0]],
        long: true,
      };
      const place = join(folder, 'whole');
      const begin = (store: TrialStore): Promise<void> => keepStart(run, source.checkpoint, store);
      const { config: own } = source;
      const whole = await conduct<Retraining>('retraining', own, settings, place, trials(folder), {
        begin,
      });
      expect(whole.rows.map(({ label, steps, seeds }) => [label, steps, seeds])).toEqual([
        ['found', 3, [1]],
        ['random 0-1-0', 3, [1]],
        ['continued', 6, [1]],
        ['found-long', 6, [1]],
      ]);
      // The run had this very map from the start: its own seed gives its own loss again.
      expect(whole.rows[0]?.values[0]).toBe(ended.test['nats']);
      expect(whole.reached?.minusFoundAtItsSeed).toBe(0);

      // `continued` begins with the run's last weights and moments, to the last bit.
      const last = await new CheckpointStore(join(run, 'checkpoints')).latest();
      const start = await new CheckpointStore(join(place, 'continued-seed-1', 'checkpoints')).open(
        'step-000000',
      );
      expect(start.model.weights.tensors).toEqual(last?.model.weights.tensors);
      expect(start.parts['registry']).toEqual(last?.parts['registry']);
      expect(start.model.config.seed).toBe(1);

      const cut = join(folder, 'cut');
      const first = trials(folder, { stopIn: 'continued-seed-1' });
      expect((await conduct<Retraining>('retraining', own, settings, cut, first, { begin })).unfinished).toBe(
        2,
      );
      const second = trials(folder);
      const resumed = await goOn<Retraining>(cut, second);
      expect(second.ran).toEqual(['continued-seed-1, begun', 'found-long-seed-1']);
      expect(plain(resumed)).toEqual(plain(whole));
    });
  }, 60_000);

  it('counts a budget of FLOPs as the steps that it was, and asks for a stopped one to be finished', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { training: { budget: { kind: 'flops', amount: 1 } } });
      await runTrial(config, join(folder, 'run'), environment(folder));
      const { run, config: again } = await readRetrainingSource(join(folder, 'run'));
      expect(run).toMatchObject({ steps: 1, budget: 1 });
      expect(again.training).toMatchObject({ steps: 1, budget: null });
      rmSync(join(folder, 'run', 'result.json'));
      await expect(readRetrainingSource(join(folder, 'run'))).rejects.toThrow(/ligature resume/);
    });
  });

  it('takes the newest checkpoint of a run that was stopped, which has no loss of its own', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { training: { steps: 4 } });
      const stop = new AbortController();
      const env = environment(folder, {
        signal: stop.signal,
        listen: (bus) =>
          void bus.events$.subscribe((event) => {
            if (event.type === 'step.completed' && event.step === 2) stop.abort();
          }),
      });
      await runTrial(config, join(folder, 'run'), env);
      const { run } = await readRetrainingSource(join(folder, 'run'));
      expect(run).toMatchObject({ steps: 2, budget: 4, loss: null, tieMap: [0, 1] });
      await expect(readRetrainingSource(join(folder, 'cache'))).rejects.toThrow(/no checkpoint/);
    });
  });
});
