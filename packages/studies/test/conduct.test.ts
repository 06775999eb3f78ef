/** What holds of every study: names of trials, plans of before, executors whose store is elsewhere. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  runConfigSchema,
  savedConfigSchema,
  type PlannedTrial,
  type TrialSignal,
  type TrialStore,
} from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { environment, tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import { assertDistinct, inProcess, planTrials, readStudy, trialId } from '../src/index.js';

describe('ids of trials', () => {
  it('of two maps of forty layers that differ in their last layer are two', () => {
    const map = (last: number): string => [...Array.from({ length: 39 }, () => 0), last].join('-');
    const controllers = [map(0), map(39)].map((text) => ({
      name: 'map',
      options: { map: text.split('-').map(Number) },
    }));
    const trials = planTrials(runConfigSchema.parse({ model: { layers: 40 }, compare: { controllers } }));
    expect(new Set(trials.map(({ id }) => id)).size).toBe(2);
    expect(() => assertDistinct(trials)).not.toThrow();
    for (const { id } of trials) expect(id.length).toBeLessThanOrEqual(90);
  });

  it('are what folders were called before, where that is not too long', () => {
    expect(trialId('cycle:blocks=2', 7)).toBe('cycle-blocks=2-seed-7');
    expect(trialId('random 0-1-0', 1)).toBe('random-0-1-0-seed-1');
  });

  it('that two trials share are refused when the study is planned', () => {
    const trial = (label: string, id = trialId(label, 1)): PlannedTrial => ({
      ...{ id, label, seed: 1 },
      config: runConfigSchema.parse({}),
    });
    expect(() => assertDistinct([trial('a:b'), trial('a-b')])).toThrow(/a:b, seed 1 is called "a-b-seed-1"/);
    expect(() => assertDistinct([trial('A'), trial('a')])).toThrow(/is called/);
    expect(() => assertDistinct([trial('x', '../x')])).toThrow(/cannot name a folder/);
  });
});

describe('plans of before studies were plug-ins', () => {
  it.each<[string, object, string, unknown]>([
    ['the first ones', {}, 'comparison', {}],
    ['a landscape', { kind: 'landscape', study: { blocks: [2] } }, 'landscape', { blocks: [2] }],
    [
      'an audit, which is a study of its own now',
      { kind: 'audit', study: { audit: 'memory' } },
      'memory',
      {},
    ],
  ])('are read: %s', async (_, plan, study, settings) => {
    await withFolder((folder) => {
      writeFileSync(join(folder, 'plan.json'), JSON.stringify({ format: 1, config: {}, ...plan }));
      // With what the defaults of then said: see `savedConfigSchema`.
      expect(readStudy(folder)).toEqual({ study, settings, config: savedConfigSchema.parse({}) });
      return Promise.resolve();
    });
  });
});

/** A store without a place on this machine, as one behind a network is. */
function elsewhere(): TrialStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  const below = (trial: string, part = ''): string[] =>
    [...kept.keys()].filter((key) => key.startsWith(`${trial}/${part}`));
  return {
    kept,
    files: (trial, part) => Promise.resolve(below(trial, part).map((key) => key.slice(trial.length + 1))),
    read: (trial, file) => Promise.resolve(kept.get(`${trial}/${file}`)),
    write: (trial, file, content) => Promise.resolve(void kept.set(`${trial}/${file}`, content)),
    remove: (trial, part) => Promise.resolve(below(trial, part).forEach((key) => kept.delete(key))),
  };
}

describe('an order', () => {
  it('is plain data, carried out and gone on with through a store that is elsewhere', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { training: { steps: 3 }, checkpoint: { every: 1 } });
      const { host, cwd, cacheFolder, now } = environment(folder);
      const store = elsewhere();
      const executor = inProcess({ store, host, cwd, cacheFolder, now });
      const [trial] = planTrials({
        ...config,
        compare: { ...config.compare, controllers: [config.controller] },
      });
      const order = { ...(trial as PlannedTrial), resume: false, backend: null, plugins: [] };
      // As it is on the other side of a network, and without a place on this one besides the text's.
      const sent = JSON.parse(JSON.stringify(order)) as typeof order;
      expect(sent).toEqual(order);
      expect(JSON.stringify({ ...sent, config: { ...sent.config, dataset: null } })).not.toContain(folder);

      const signals: TrialSignal[] = [];
      const stop = new AbortController();
      const stopped = await executor.run(
        sent,
        (signal) => {
          signals.push(signal);
          if (signal.kind === 'event' && signal.event.type === 'step.completed') stop.abort();
        },
        stop.signal,
      );
      expect(stopped.outcome).toBe('stopped');
      expect(signals.some(({ kind }) => kind === 'event')).toBe(true);
      expect([...store.kept.keys()]).toContain(`${order.id}/events.jsonl`);
      expect(existsSync(join(folder, order.id))).toBe(false);

      const never = new AbortController().signal;
      const ended = await executor.run({ ...sent, resume: true }, () => undefined, never);
      expect(ended).toMatchObject({ outcome: 'completed', steps: 3 });
      const whole = await executor.run({ ...sent, id: 'whole' }, () => undefined, never);
      expect(ended.losses).toEqual(whole.losses);
      // Where its first weights come from is a key of the store as well.
      const from = await executor.run(
        {
          ...sent,
          id: 'from',
          config: {
            ...sent.config,
            weights: { from: { name: 'stored', options: { key: 'whole' } } },
            training: { ...sent.config.training, steps: 1 },
          },
        },
        () => undefined,
        never,
      );
      expect(from.losses[0]?.loss).toBeLessThan(whole.losses[0]?.loss as number);
    });
  }, 60_000);
});
