/** Rows that rewards have to themselves: which ones, that no measurement of the validation split holds them, and runs of before. */
import '@tensorflow/tfjs-backend-cpu';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  runConfigSchema,
  savedConfigSchema,
  spreadOver,
  TOKENS,
  type Batch,
  type BatchSelection,
  type EvaluationSet,
  type Prepared,
  type ProbeMeasurement,
  type RunConfigInput,
  type SplitName,
} from '@ligature/core';
import { TRAINER_TOKENS } from '@ligature/trainer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN_TOKENS } from '../src/compose.js';
import { batchesAt, cutSplit } from '../src/cut-split.js';
import { evaluateRun, resumeTrial } from '../src/index.js';
import { remains, run } from './resumed-run.js';
import { composed, environment, tinyRun, withFolder } from './tiny-run.js';

const batchOf = (...ids: number[]): Batch => ({
  fields: { inputs: { shape: [1, ids.length], dtype: 'int32', data: Int32Array.from(ids) } },
  weight: ids.length,
});
const many = (count: number): Batch[] => Array.from({ length: count }, (_, at) => batchOf(at, at, at, at));
const setOf = (split: SplitName, batches: readonly Batch[], bytes?: number): EvaluationSet => ({
  scope: {
    split,
    weight: batches.reduce((sum, { weight }) => sum + weight, 0),
    ...(bytes !== undefined && { bytes }),
  },
  batches,
});

/** A task of `count` batches of each split, which knows nothing of places and has no bytes, as one of images would. */
const countable = (count: number): Pick<Prepared, 'evaluation'> => ({
  evaluation: (split, { maxBatches = Infinity }) => setOf(split, many(count).slice(0, maxBatches)),
});
const cut = (count: number, tying: RunConfigInput['tying'] = {}, split: SplitName = 'validation') =>
  cutSplit(split, countable(count), runConfigSchema.parse({ tying }), undefined);
const idsOf = (batches: readonly Batch[]): number[] =>
  batches.map(({ fields }) => fields['inputs']!.data[0] as number);

describe('the batches of a split', () => {
  it('that belong together are taken together', () => {
    const groups = [2, 1, 1, 3, 1, 2, 2];
    const whole: EvaluationSet = { ...setOf('validation', many(12)), groups };
    const { open, apart, take } = cutSplit(
      'validation',
      { evaluation: () => whole },
      runConfigSchema.parse({ tying: { probeBatches: 3 } }),
      undefined,
    );
    // Three batches are one group of seven, the middle one.
    expect(idsOf(apart)).toEqual([4, 5, 6]);
    expect(idsOf(open.batches)).toEqual([0, 1, 2, 3, 7, 8, 9, 10, 11]);
    expect(idsOf(take('first', 1).batches)).toEqual([0, 1]);
    expect(idsOf(take('first', 4).batches)).toEqual([0, 1, 2, 3]);
    // Of nine batches in six groups: one group, two, all.
    expect(idsOf(take('spread', 1).batches)).toEqual([7]);
    expect(idsOf(take('spread', 3).batches)).toEqual([2, 8, 9]);
    expect(take('spread', 9).batches).toHaveLength(9);
    expect(take('spread', 3).scope).toEqual({ split: 'validation', weight: 12 });
  });

  it('are those for rewards and the rest, evenly over it, of validation alone', () => {
    // Of ten in two halves the middles: 2 and 7.
    const { of, open, apart } = cut(10);
    expect([of, idsOf(apart), idsOf(open.batches)]).toEqual([10, [2, 7], [0, 1, 3, 4, 5, 6, 8, 9]]);
    expect(open.scope).toEqual({ split: 'validation', weight: 32 });
    for (const split of ['train', 'test'] as const) {
      const other = cut(10, {}, split);
      expect([other.apart, idsOf(other.open.batches)]).toEqual([[], spreadOver(10, 10)]);
    }
    for (const probe of ['held-out', 'fresh-train'] as const) {
      const before = cut(10, { probe });
      expect([before.apart, idsOf(before.open.batches)]).toEqual([[], spreadOver(10, 10)]);
      expect(idsOf(before.take('first', 3).batches)).toEqual([0, 1, 2]);
      expect(idsOf(before.take('spread', 2).batches)).toEqual([2, 7]);
    }
  });

  it('never meet, whatever is taken, and are all of the split together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.nat(),
        fc.integer({ min: 1, max: 80 }),
        (of, some, wanted) => {
          const probeBatches = 1 + (some % Math.floor(of / 2));
          const { open, apart, take } = cut(of, { probeBatches });
          const closed = new Set(idsOf(apart));
          expect(closed.size).toBe(probeBatches);
          expect([...closed, ...idsOf(open.batches)].sort((a, b) => a - b)).toEqual(spreadOver(of, of));
          for (const which of ['first', 'spread'] as const) {
            const taken = idsOf(take(which, wanted).batches);
            expect(new Set(taken).size).toBe(Math.min(wanted, of - probeBatches));
            expect(taken.some((id) => closed.has(id))).toBe(false);
          }
        },
      ),
    );
  });

  it('are at most half of them for rewards, and none where there is a single one', () => {
    const sizes = (of: number, probeBatches: number): number[] => {
      const { apart, open } = cut(of, { probeBatches });
      return [apart.length, open.batches.length];
    };
    expect([sizes(5, 2), sizes(3, 2), sizes(2, 2), sizes(1, 1)]).toEqual([
      [2, 3],
      [1, 2],
      [1, 1],
      [0, 1],
    ]);
  });

  it('have the bytes that the task says, or their share where it knows no such choice', () => {
    const whole = setOf('test', many(10), 80);
    const expected = [2, 7].map((at) => whole.batches[at]!);
    const asked = setOf('test', [...expected], 13);
    expect(batchesAt(whole, [2, 7], () => asked)).toBe(asked);
    expect(batchesAt(whole, [2, 7], () => setOf('test', whole.batches.slice(0, 2), 99))).toEqual({
      scope: { split: 'test', weight: 8, bytes: 16 },
      batches: expected,
    });
    const never = (): EvaluationSet => {
      throw new Error('is not asked');
    };
    expect(batchesAt(setOf('test', many(10)), [2, 7], never).batches).toHaveLength(2);
    expect(batchesAt(whole, spreadOver(10, 10), never)).toBe(whole);
  });

  it('are asked of the task as the first ones where they are, and by their places where they are not', () => {
    const heard: BatchSelection[] = [];
    const prepared: Pick<Prepared, 'evaluation'> = {
      evaluation: (split, { batch: _, context: __, ...selection }) => {
        heard.push(selection);
        return setOf(split, many(10), 80);
      },
    };
    const { take } = cutSplit('validation', prepared, runConfigSchema.parse({}), 8);
    take('first', 2);
    take('first', 3);
    expect(heard).toEqual([
      {},
      { places: [0, 1, 3, 4, 5, 6, 8, 9] },
      { maxBatches: 2 },
      { places: [0, 1, 3] },
    ]);
  });
});

const rows = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ fields: { labels } }) => {
    const [count = 0, time = 0] = labels!.shape;
    return Array.from({ length: count }, (_, row) =>
      labels!.data.slice(row * time, (row + 1) * time).join(' '),
    );
  });

const nats = ({ loss }: ProbeMeasurement): number => loss;
const small = { evaluation: { batch: 2, batches: 100, final: { batches: 'all' } } } as const;

describe('a run whose rewards have rows to themselves', () => {
  it('measures none of them on its way and at its end, and rewards on these alone', async () => {
    await withFolder((folder) =>
      composed(folder, { controller: 'q-learning', ...small }, async (container) => {
        const { validation } = container.get(RUN_TOKENS.splits);
        const measured = rows(container.get(RUN_TOKENS.finalSets).validation!.batches);
        const apart = rows(validation.apart);
        expect([validation.apart.length, apart.length]).toEqual([2, 4]);
        // Every line of the text says other numbers, so that no two rows are alike.
        const whole = container.get(TOKENS.prepared).evaluation('validation', { batch: 2, context: 8 });
        expect([...apart, ...measured].sort()).toEqual(rows(whole.batches).sort());
        expect(new Set([...apart, ...measured]).size).toBe(apart.length + measured.length);

        // By the numbers: the whole is the mean of what validation and rewards say, by their targets.
        const evaluate = container.get(TRAINER_TOKENS.evaluate);
        const weights = [
          validation.open.scope.weight,
          validation.apart.reduce((sum, one) => sum + one.weight, 0),
        ];
        const reward = nats(await container.get(TOKENS.probe)(0));
        for (const final of [true, false]) {
          const open = (await evaluate('validation', final))!.metrics['nats']!;
          const both = (weights[0]! * open + weights[1]! * reward) / whole.scope.weight;
          expect(open).not.toBeCloseTo(reward, 4);
          const { validation: all } = await composed(
            folder,
            { controller: 'q-learning', ...small, tying: { probe: 'held-out' } },
            async (other) => ({
              validation: (await other.get(TRAINER_TOKENS.evaluate)('validation', final))!.metrics['nats']!,
            }),
          );
          expect(both).toBeCloseTo(all, 6);
        }
      }),
    );
  });

  it('measures the same rest whatever the controller, and has the bytes of exactly that', async () => {
    await withFolder(async (folder) => {
      const found = [];
      for (const controller of ['none', 'all-tied', 'random', 'q-learning']) {
        found.push(
          await composed(folder, { controller, ...small }, (container) => {
            const { scope, batches } = container.get(RUN_TOKENS.finalSets).validation!;
            return { scope, rows: rows(batches) };
          }),
        );
      }
      for (const other of found) expect(other).toEqual(found[0]);
      // Byte tokens: a target is a byte.
      expect(found[0]!.scope.bytes).toBe(found[0]!.scope.weight);
    });
  });

  it('says how many there are, and is measured again to the same numbers and floors', async () => {
    await withFolder(async (folder) => {
      const { result, events, folder: place } = await tinyRun(folder, { controller: 'q-learning', ...small });
      const { batches, of, apart } = result.subset!.validation!;
      expect([batches, apart]).toEqual([of - 2, 2]);
      expect(result.subset!.test).toBeUndefined();
      expect(events.find((event) => event.type === 'evaluation.completed')).toMatchObject({
        subset: { batches, of, apart },
      });
      const again = await evaluateRun(place, { split: 'validation' }, environment(folder));
      expect(again.metrics['nats']).toBeCloseTo(result.validation['nats']!, 5);
      expect(again.subset).toEqual({ batches, of, apart });
      expect(again.floors.map(({ metrics }) => metrics)).toEqual(
        result.floors!.map(({ validation }) => validation),
      );
      const few = await evaluateRun(place, { split: 'validation', batches: 1 }, environment(folder));
      expect(few.subset).toEqual({ batches: 1, of, apart });
      expect((await evaluateRun(place, { split: 'test' }, environment(folder))).subset).toBeUndefined();
    });
  });

  it('goes on after a stop as if there had been none', async () => {
    await withFolder(async (folder) => {
      const config: RunConfigInput = { controller: 'q-learning', tying: { window: 3, probe: 'set-apart' } };
      await run(folder, 'straight', config, []);
      await run(folder, 'stopped', config, [4, 7]);
      expect(remains(join(folder, 'stopped'))).toEqual(remains(join(folder, 'straight')));
    });
  });

  it('is refused before any step where there are none and a controller learns from them', async () => {
    // Ten bytes are held out: a row of eight targets.
    const text = 'abcdefghij'.repeat(10);
    await withFolder(async (folder) => {
      const refused = tinyRun(folder, { controller: 'q-learning' }, [], 'refused', text);
      await expect(refused).rejects.toMatchObject({ name: 'InputError', code: 'validation-too-small' });
      await expect(refused).rejects.toThrow(/has 1 of at most 8 rows.*--set tying\.probe=held-out/);
      expect(existsSync(join(folder, 'refused', 'events.jsonl'))).toBe(false);
      const fixed = await tinyRun(folder, { controller: 'none' }, [], 'fixed', text);
      expect([fixed.result.outcome, fixed.result.subset]).toEqual(['completed', undefined]);
      const config = { controller: 'q-learning', tying: { probe: 'held-out' } } as const;
      const shared = await tinyRun(folder, config, [], 'shared', text);
      expect(shared.result.validation).toHaveProperty('nats');
    });
  });
});

describe('runs of before rewards had rows to themselves', () => {
  it('are read as measuring rewards on what validation measures, and the official profile is as it was', () => {
    const { probe: _, ...tying } = runConfigSchema.parse({}).tying;
    expect(savedConfigSchema.parse({ tying }).tying.probe).toBe('held-out');
    expect(savedConfigSchema.parse({}).tying.probe).toBe('held-out');
    expect(savedConfigSchema.safeParse({ tying: 'none' }).success).toBe(false);
    for (const probe of ['set-apart', 'held-out', 'fresh-train'] as const) {
      expect(savedConfigSchema.parse({ tying: { ...tying, probe } }).tying.probe).toBe(probe);
    }
    expect(runConfigSchema.parse({}).tying.probe).toBe('set-apart');
  });

  it('go on and are measured on whole splits', async () => {
    await withFolder(async (folder) => {
      const config: RunConfigInput = {
        controller: 'q-learning',
        tying: { window: 3, probe: 'held-out' },
        evaluation: { ...small.evaluation, evaluators: ['ledger'] },
      };
      const straight = await run(folder, 'straight', config, []);
      const resumed = await run(folder, 'stopped', config, [4]);
      expect(remains(join(folder, 'stopped'))).toEqual(remains(join(folder, 'straight')));
      expect([resumed.subset, resumed.validation]).toEqual([undefined, straight.validation]);
      expect((await resumeTrial(join(folder, 'stopped'), environment(folder))).validation).toEqual(
        straight.validation,
      );
      const again = await evaluateRun(join(folder, 'straight'), { split: 'validation' }, environment(folder));
      expect([again.subset, again.metrics['nats']]).toEqual([
        undefined,
        expect.closeTo(straight.validation['nats']!, 5),
      ]);
    });
  });
});
