/** The step that the end of a run is measured at, as the loop chooses and keeps it. */
import '@tensorflow/tfjs-backend-cpu';
import type { MetricSpec, ParameterView } from '@ligature/core';
import { afterEach, describe, expect, it } from 'vitest';
import { bestStepOf, type Checkpoints, type Evaluate, type TrainerOptions } from '../src/index.js';
import { createRun, type TestRun } from './support.js';
import { createToyObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 3, width: 5, vocabularySize: 7 });
const LOSS: MetricSpec = { name: 'loss', unit: '', better: 'lower' };
const SCORE: MetricSpec = { ...LOSS, better: 'higher' };
const open: TestRun[] = [];
afterEach(() => {
  for (const { bus, registry } of open.splice(0)) {
    bus.dispose();
    registry.dispose();
  }
});

/** A run of one validation a step, whose values are given. */
async function runWith(values: readonly number[], best: MetricSpec, more: Partial<TrainerOptions> = {}) {
  const done: string[] = [];
  const kept = {} as ParameterView;
  const checkpoints: Checkpoints = {
    save: (step) => Promise.resolve(`at ${done.push(`save ${step}`)}`),
    rollBack: () => Promise.resolve(undefined),
    weightsOf(step) {
      done.push(`open ${step}`);
      return Promise.resolve({ view: kept, dispose: () => void done.push('dispose') });
    },
  };
  let at = 0;
  const evaluate: Evaluate = (split, final, _signal, view) => {
    if (!final) return Promise.resolve({ metrics: { loss: values[at++]! } });
    done.push(`measure ${split}${view === kept ? ' as it was kept' : ''}`);
    return Promise.resolve({ metrics: { loss: 0 } });
  };
  const options = { steps: values.length, evaluateEvery: 1, best, finalSplits: ['test'] as const, ...more };
  const run = createRun(objective, options, {}, evaluate, { checkpoints });
  open.push(run);
  const { best: found } = await run.trainer.run();
  return { done, found, ...run };
}

describe('the best step', () => {
  it('is saved when it comes, and measured at the end from what was saved', async () => {
    const { done, found, events, trainer } = await runWith([3, 2, 4, 1, 5], LOSS);
    expect(found).toMatchObject({ step: 4, value: 1, tieMap: [0, 1, 2] });
    expect(done).toEqual([
      ...['save 0', 'save 1', 'save 2', 'save 4'],
      ...['open 4', 'measure test as it was kept', 'dispose'],
    ]);
    const saved = events.flatMap((event) => (event.type === 'checkpoint.saved' ? [event.step] : []));
    expect(saved).toEqual([1, 2, 4]);
    const evaluations = events.flatMap((event) =>
      event.type === 'evaluation.completed' ? [[event.step, event.split, event.weightsOf]] : [],
    );
    expect(evaluations.slice(-2)).toEqual([
      [5, 'validation', undefined],
      [5, 'test', 4],
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'run.completed', best: { step: 4 } });
    expect(bestStepOf(trainer.snapshot())).toBe(4);
  });

  it('is the earliest of equals, by the direction of the metric', async () => {
    expect((await runWith([2, 1, 1, 3], LOSS)).found?.step).toBe(2);
    expect((await runWith([2, 3, 3, 1], SCORE)).found?.step).toBe(2);
  });

  it('may be the last, which is in memory still', async () => {
    const { done, found } = await runWith([3, 2, 1], LOSS);
    expect(found?.step).toBe(3);
    expect(done).toEqual(['save 0', 'save 1', 'save 2', 'measure test']);
  });

  it('is the last, too, where no step has a value', async () => {
    const { done, found, trainer } = await runWith([Number.NaN, Number.NaN], LOSS);
    expect(found).toBeUndefined();
    expect(done).toEqual(['save 0', 'measure test']);
    expect(bestStepOf(trainer.snapshot())).toBeUndefined();
  });

  it('is asked for once where a validation and the end fall together', async () => {
    // Steps are validated every second time: the third is, since it is the last.
    const { events } = await runWith([2, 1], LOSS, { steps: 3, evaluateEvery: 2 });
    const steps = events.flatMap((event) =>
      event.type === 'evaluation.completed' && event.split === 'validation' ? [event.step] : [],
    );
    expect(steps).toEqual([2, 3]);
  });

  it('is not to be had without checkpoints', async () => {
    const run = createRun(objective, { best: LOSS }, {}, () => Promise.resolve({ metrics: {} }));
    open.push(run);
    await expect(run.trainer.run()).rejects.toMatchObject({ code: 'best-unkept' });
  });
});

describe('the state of a checkpoint', () => {
  it('names no best step before anything was measured of it, nor where it is none', () => {
    expect(bestStepOf(undefined)).toBeUndefined();
    expect(bestStepOf({ step: 4 })).toBeUndefined();
    const run = createRun(objective);
    open.push(run);
    expect(bestStepOf(run.trainer.snapshot())).toBeUndefined();
  });
});
