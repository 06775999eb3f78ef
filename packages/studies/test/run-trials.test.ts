/** The scheduler with made-up trials: nothing is trained here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  runConfigSchema,
  type Executor,
  type PlannedTrial,
  type RunConfigInput,
  type TrialResult,
} from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estimateTrialBytes,
  folderStore,
  planTrials,
  runTrials,
  TrialInterrupted,
  settleParallel,
} from '../src/index.js';
import { withFolder } from '../../run/test/tiny-run.js';

const configOf = (input: RunConfigInput = {}) =>
  runConfigSchema.parse({
    backend: 'cpu',
    ...input,
    compare: { controllers: ['none', 'cycle', 'random'], seeds: 2, ...input.compare },
  });

/** As much of a result as a scheduler looks at. */
const made = ({ label, seed, config }: PlannedTrial, backend = 'cpu'): TrialResult =>
  ({ controller: label, seed, config, outcome: 'completed', backend: { name: backend } }) as TrialResult;

/** Trials that end when they are told to. */
function gates() {
  const open = new Map<string, { end: () => void; fail: () => void }>();
  const running: string[] = [];
  let most = 0;
  const run: Executor['run'] = (plan) =>
    new Promise((resolve, reject) => {
      running.push(plan.id);
      most = Math.max(most, open.size + 1);
      const over = (what: () => void) => () => {
        open.delete(plan.id);
        what();
      };
      open.set(plan.id, {
        end: over(() => resolve(made(plan))),
        fail: over(() => reject(new Error('no luck'))),
      });
    });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { open, running, run, settle, most: () => most };
}

describe('trials side by side', () => {
  it('that were interrupted before they began are no failures', async () => {
    await withFolder(async (folder) => {
      const plans = planTrials(configOf());
      const told: string[] = [];
      const run: Executor['run'] = async (plan) => {
        if (plan.seed === 2) throw new TrialInterrupted();
        return made(plan);
      };
      const onFailure = ({ label }: PlannedTrial): void => void told.push(label);
      const { finished, failed } = await runTrials({
        trials: plans,
        store: folderStore(folder),
        executor: { run },
        onFailure,
      });
      expect(finished).toHaveLength(3);
      expect([failed, told]).toEqual([[], []]);
    });
  });

  it('are never more than wanted, and give results in the order of the plan whatever ends first', async () => {
    await withFolder(async (folder) => {
      const plans = planTrials(configOf());
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 8 }),
          fc.infiniteStream(fc.nat()),
          async (parallel, picks) => {
            const { open, run, settle, most } = gates();
            const done = runTrials({
              trials: plans,
              store: folderStore(folder),
              parallel,
              executor: { run },
            });
            await settle();
            while (open.size > 0) {
              expect(open.size).toBeLessThanOrEqual(parallel);
              const gate = [...open.values()][(picks.next().value as number) % open.size]!;
              gate.end();
              await settle();
            }
            const { finished, failed } = await done;
            expect(finished.map(({ trial }) => trial)).toEqual(plans);
            expect(finished.every(({ trial, result }) => result.config === trial.config)).toBe(true);
            expect(failed).toEqual([]);
            expect(most()).toBe(Math.min(parallel, plans.length));
          },
        ),
        { numRuns: 30 },
      );
    });
  });

  it('go on after one that failed, and none starts after an abort while those under way end', async () => {
    await withFolder(async (folder) => {
      const plans = planTrials(configOf());
      const { open, running, run, settle } = gates();
      const stop = new AbortController();
      const failures: string[] = [];
      const onFailure = ({ id }: PlannedTrial): void => void failures.push(id);
      const done = runTrials({
        trials: plans,
        store: folderStore(folder),
        parallel: 2,
        executor: { run },
        signal: stop.signal,
        onFailure,
      });
      await settle();
      open.get('none-seed-1')?.fail();
      await settle();
      expect(running).toEqual(['none-seed-1', 'cycle-seed-1', 'random-seed-1']);
      stop.abort();
      open.get('random-seed-1')?.end();
      await settle();
      open.get('cycle-seed-1')?.end();
      const { finished, failed } = await done;
      expect(running).toHaveLength(3);
      expect(finished.map(({ trial }) => trial.id)).toEqual(['cycle-seed-1', 'random-seed-1']);
      expect(failed).toEqual([{ controller: 'none', seed: 1, message: 'no luck' }]);
      expect(failures).toEqual(['none-seed-1']);
    });
  });
});

describe('the backend of a study', () => {
  const auto = planTrials(configOf({ backend: 'auto' }));

  it('is the one that auto chose first, for every trial that starts later', async () => {
    await withFolder(async (folder) => {
      const asked: (string | null)[] = [];
      await runTrials({
        trials: auto,
        store: folderStore(folder),
        executor: {
          run: (plan) => {
            const { backend } = plan;
            asked.push(backend);
            return Promise.resolve(made(plan, backend ?? 'wasm'));
          },
        },
      });
      expect(asked).toEqual([null, ...auto.slice(1).map(() => 'wasm')]);
    });
  });

  it('is the one of its finished trials when it goes on elsewhere, and nothing else is taken beside them', async () => {
    await withFolder(async (folder) => {
      const begun = join(folder, (auto[0] as PlannedTrial).id);
      mkdirSync(begun);
      writeFileSync(join(begun, 'manifest.json'), JSON.stringify({ backend: { name: 'onnxruntime' } }));
      const asked: (string | null)[] = [];
      const { finished, failed } = await runTrials({
        trials: auto,
        store: folderStore(folder),
        resumed: true,
        executor: {
          run: (plan) => {
            const { backend } = plan;
            asked.push(backend);
            return Promise.resolve(made(plan, plan.label === 'cycle' ? 'wasm' : (backend ?? '')));
          },
        },
      });
      expect(new Set(asked)).toEqual(new Set(['onnxruntime']));
      expect(finished.map(({ trial }) => trial.label)).toEqual(['none', 'random', 'none', 'random']);
      expect(failed[0]?.message).toMatch(/"wasm".*"onnxruntime"/s);
    });
  });

  it('that the configuration names is a matter of the configuration', async () => {
    await withFolder(async (folder) => {
      const asked: (string | null)[] = [];
      await runTrials({
        trials: planTrials(configOf()),
        store: folderStore(folder),
        executor: {
          run: (plan) => {
            const { backend } = plan;
            asked.push(backend);
            return Promise.resolve(made(plan));
          },
        },
      });
      expect(asked.every((backend) => backend === null)).toBe(true);
    });
  });
});

describe('how many trials run at once', () => {
  const GIGA = 2 ** 30;
  const settle = (
    input: RunConfigInput,
    machine: { cores: number; freeBytes?: number },
    trials = 10,
  ): [unknown, number | null] => {
    const settled = settleParallel(configOf(input), trials, GIGA, { freeBytes: 100 * GIGA, ...machine });
    return [settled.compare.parallel, settled.threads];
  };

  it.each<[string, RunConfigInput, { cores: number; freeBytes?: number }, number, [number, number | null]]>([
    ['one changes nothing', {}, { cores: 8 }, 10, [1, null]],
    [
      'a number is taken at its word, and shares the cores',
      { compare: { parallel: 3 } },
      { cores: 8 },
      10,
      [3, 2],
    ],
    ['also on too few cores', { compare: { parallel: 3 } }, { cores: 2 }, 10, [3, 1]],
    ['threads that were asked for stay', { threads: 4, compare: { parallel: 3 } }, { cores: 8 }, 10, [3, 4]],
    ['never more than trials', { compare: { parallel: 9 } }, { cores: 8 }, 4, [4, 2]],
    ['auto: a core each', { compare: { parallel: 'auto' } }, { cores: 8 }, 10, [8, 1]],
    ['auto: few trials share all cores', { compare: { parallel: 'auto' } }, { cores: 8 }, 2, [2, 4]],
    ['auto: cores by threads', { threads: 3, compare: { parallel: 'auto' } }, { cores: 8 }, 10, [2, 3]],
    [
      'auto: more threads than cores',
      { threads: 9, compare: { parallel: 'auto' } },
      { cores: 8 },
      10,
      [1, 9],
    ],
    [
      'auto: as memory allows',
      { compare: { parallel: 'auto' } },
      { cores: 8, freeBytes: 4 * GIGA },
      10,
      [3, 2],
    ],
    ['auto: at least one', { compare: { parallel: 'auto' } }, { cores: 8, freeBytes: 0 }, 10, [1, null]],
  ])('%s', (_, input, machine, trials, expected) => {
    expect(settle(input, machine, trials)).toEqual(expected);
  });

  it('is kept by the plan: settled again elsewhere, it is the same', () => {
    const here = settleParallel(configOf({ compare: { parallel: 'auto' } }), 10, GIGA, {
      cores: 4,
      freeBytes: 100 * GIGA,
    });
    expect(settleParallel(here, 10, GIGA, { cores: 64, freeBytes: GIGA })).toEqual(here);
  });

  it('the default model is taken to need less than a gigabyte, GPT-2 with its batches many', () => {
    expect(estimateTrialBytes(configOf(), 2048)).toBeLessThan(GIGA);
    // 124 M parameters, four times four bytes each, are 2 GB alone; the logits of 8 x 1024 tokens 1.6 GB a row.
    const gpt2 = configOf({ model: { layers: 12, width: 768, heads: 12, context: 1024 } });
    expect(estimateTrialBytes(gpt2, 50_257)).toBeGreaterThan(7 * GIGA);
    expect(estimateTrialBytes(gpt2, 50_257)).toBeLessThan(30 * GIGA);
  });
});
