/** What a run is measured on at its end: how many batches, which ones, what the log and the result say, and how it is stopped. */
import { join } from 'node:path';
import {
  runConfigSchema,
  type Batch,
  type EvaluationSet,
  type LigatureEvent,
  type ModelCost,
  type RunConfigInput,
} from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { evaluateRun, resumeTrial, runTrial } from '../src/index.js';
import { finalBatches } from '../src/final-sets.js';
import { environment, tinyConfig, tinyRun, withFolder } from './tiny-run.js';

const batchOf = (...ids: number[]): Batch => ({
  fields: { inputs: { shape: [1, ids.length], dtype: 'int32', data: Int32Array.from(ids) } },
  weight: ids.length,
});
const setOf = (split: 'validation' | 'test', batches: Batch[], bytes?: number): EvaluationSet => ({
  scope: {
    split,
    weight: batches.reduce((sum, { weight }) => sum + weight, 0),
    ...(bytes !== undefined && { bytes }),
  },
  batches,
});
const many = (count: number): Batch[] => Array.from({ length: count }, (_, at) => batchOf(at, at, at, at));

/** 4 targets a batch, 300 batches to validate and 100 to test: 1 600 targets. */
const WHOLE = { validation: setOf('validation', many(300)), test: setOf('test', many(100)) };

const cost: ModelCost = {
  weightFlops: { wte: 40, w: 10 },
  layerActivationFlops: 5,
  layerActivationBytes: 0,
  globalActivationBytes: 0,
};
const initializer = { kind: 'constant', value: 0 } as const;
const stack = {
  layers: 4,
  parameters: [
    { name: 'wte', shape: [1], initializer, sharing: 'global' },
    { name: 'w', shape: [1], initializer, sharing: 'block' },
  ],
} as const;
const TRAINING = { weight: 32, stack, cost };

function few(config: RunConfigInput): Partial<Record<string, number>> {
  return finalBatches(runConfigSchema.parse(config), WHOLE, TRAINING);
}

describe('the batches of the final evaluation', () => {
  it('cost a tenth of the training, a target that is scored a third of one that is trained on', () => {
    // 10 steps of 2 x 32 targets are 640; a tenth of that work scores 192 of 1 600 targets, 12 %.
    expect(few({ training: { steps: 10, accumulation: 2 } })).toEqual({ validation: 36, test: 12 });
    // 5 000 targets and more pay for all of them.
    expect(few({ training: { steps: 200 } })).toEqual({});
    expect(few({ training: { budget: { kind: 'tokens', amount: 640 } } })).toEqual({
      validation: 36,
      test: 12,
    });
    // Untied, a micro-batch takes 3 x (40 + 4 x (10 + 5)) FLOPs: twenty of them, and 640 targets again.
    expect(few({ training: { budget: { kind: 'flops', amount: 6000 } } })).toEqual({
      validation: 36,
      test: 12,
    });
  });

  it('are one of each split at least, all, or as many as were asked for', () => {
    expect(
      few({ training: { steps: 1 }, evaluation: { final: { splits: ['validation', 'test'] } } }),
    ).toEqual({
      validation: 1,
      test: 1,
    });
    expect(few({ training: { steps: 1 }, evaluation: { final: { batches: 'all' } } })).toEqual({});
    expect(few({ evaluation: { final: { batches: 200 } } })).toEqual({ validation: 200 });
    // One split has all that may be spent: 192 of 400 targets.
    expect(few({ training: { steps: 20 }, evaluation: { final: { splits: ['test'] } } })).toEqual({
      test: 48,
    });
  });
});

describe('a run that measures a part', () => {
  it('has the numbers of exactly these batches, bits per byte by their bytes, and says so', async () => {
    await withFolder(async (folder) => {
      const final = { batches: 3 } as const;
      const { result, events } = await tinyRun(folder, { evaluation: { batch: 2, final } });
      const { of } = result.subset!.test!;
      expect(of).toBeGreaterThan(6);
      expect(result.subset).toEqual({
        validation: { batches: 3, of: result.subset!.validation!.of, apart: 2 },
        test: { batches: 3, of },
      });
      const measured = events.flatMap((event) => (event.type === 'evaluation.completed' ? [event] : []));
      expect(measured.map(({ split, subset }) => [split, subset?.batches])).toEqual([
        ['validation', 3],
        ['test', 3],
      ]);
      // One by one from the saved model: byte tokens, so that a token is a byte.
      const { nats = 0, bitsPerByte = 0 } = result.test;
      const again = await evaluateRun(
        join(folder, 'run'),
        { split: 'test', batches: 3 },
        environment(folder),
      );
      expect(again.subset).toEqual({ batches: 3, of });
      expect(again.bytes).toBe(again.tokens);
      expect(again.metrics['nats']).toBeCloseTo(nats, 6);
      expect(bitsPerByte).toBeCloseTo(nats / Math.LN2, 6);
      const whole = await evaluateRun(join(folder, 'run'), { split: 'test' }, environment(folder));
      expect(whole.subset).toBeUndefined();
      expect(whole.tokens).toBeGreaterThan(2 * again.tokens);
      expect(whole.metrics['nats']).not.toBeCloseTo(nats, 6);
    });
  });

  it('measures the named splits alone', async () => {
    await withFolder(async (folder) => {
      const { result } = await tinyRun(folder, { evaluation: { final: { splits: ['validation'] } } });
      expect(result.validation['nats']).toBeGreaterThan(0);
      expect(result.test).toEqual({});
    });
  });
});

describe('a final evaluation that is stopped', () => {
  it.each(['validation', 'test'])(
    'during %s is saved, and goes on to the same log and result',
    async (at) => {
      await withFolder(async (folder) => {
        const config = tinyConfig(folder, { evaluation: { batch: 2, final: { batches: 4 } } });
        const heard: LigatureEvent[] = [];
        const straight = await runTrial(
          config,
          join(folder, 'straight'),
          environment(folder, { listen: (bus) => void bus.events$.subscribe((event) => heard.push(event)) }),
        );
        const abort = new AbortController();
        const stopped = await runTrial(
          config,
          join(folder, 'run'),
          environment(folder, {
            signal: abort.signal,
            listen: (bus) =>
              void bus.events$.subscribe((event) => {
                if (event.type === 'evaluation.progressed' && event.split === at && event.done === 2)
                  abort.abort();
              }),
          }),
        );
        expect(stopped).toMatchObject({ outcome: 'stopped', steps: 2, test: {} });
        expect(Object.keys(stopped.validation).length > 0).toBe(at === 'test');
        const again: LigatureEvent[] = [];
        const resumed = await resumeTrial(
          join(folder, 'run'),
          environment(folder, { listen: (bus) => void bus.events$.subscribe((event) => again.push(event)) }),
        );
        expect(resumed.outcome).toBe('completed');
        expect([resumed.validation, resumed.test, resumed.subset]).toEqual([
          straight.validation,
          straight.test,
          straight.subset,
        ]);
        // What was measured is not measured again.
        const splits = again.flatMap((event) => (event.type === 'evaluation.completed' ? [event.split] : []));
        expect(splits).toEqual(at === 'test' ? ['test'] : ['validation', 'test']);
        expect(heard.length).toBeGreaterThan(again.length);
      });
    },
  );
});
