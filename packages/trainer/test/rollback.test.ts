/** Going back to a checkpoint after a loss that is no number. */
import '@tensorflow/tfjs-backend-cpu';
import type { LigatureEvent, Snapshot } from '@ligature/core';
import type { SafetensorsFile } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Checkpoints } from '../src/index.js';
import { createRun, lossesOf, type RunOptions, type TestRun } from './support.js';
import { createToyObjective, type TokenObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 3, width: 5, vocabularySize: 7 });

const toNaN = tf.customGrad((x) => ({
  value: tf.mul(x as tf.Tensor, NaN),
  gradFunc: (dy: tf.Tensor) => dy,
}));

/** Its loss is no number at these evaluations, counted from 1; what was rolled back counts too. */
function poisonedAt(...calls: readonly number[]): TokenObjective {
  let call = 0;
  return {
    ...objective,
    loss: (...parts) => {
      call += 1;
      const loss = objective.loss(...parts);
      return calls.includes(call) ? (toNaN(loss) as Scalar) : loss;
    },
  };
}

interface Saved {
  readonly step: number;
  readonly trainer: Snapshot;
  readonly registry: Snapshot;
  readonly weights: SafetensorsFile;
  readonly batches: Snapshot;
}

/** A run with checkpoints in memory; `snapshots`: what the trainer said of itself around each restoration. */
function runWith(model: TokenObjective, options: Partial<RunOptions>) {
  let saved: Saved | undefined;
  const snapshots: { readonly before: Snapshot; readonly after: Snapshot }[] = [];
  const checkpoints: Checkpoints = {
    weightsOf: () => Promise.reject(new Error('nothing was kept')),
    save: (step) => {
      const { trainer, registry, batches } = made;
      saved = {
        step,
        trainer: trainer.snapshot(),
        registry: registry.snapshot(),
        weights: registry.exportWeights(),
        batches: batches.snapshot(),
      };
      return Promise.resolve(`checkpoints/${step}`);
    },
    rollBack: () => {
      if (!saved) return Promise.resolve(undefined);
      const before = made.trainer.snapshot();
      made.registry.restore(saved.registry, saved.weights);
      made.batches.restore(saved.batches);
      snapshots.push({ before, after: made.trainer.snapshot() });
      return Promise.resolve({ step: saved.step, trainer: saved.trainer });
    },
  };
  const all = { steps: 9, window: 3, onDivergence: 'rollback', ...options } as const;
  const made: TestRun = createRun(model, all, {}, undefined, { checkpoints });
  return { ...made, snapshots };
}

const close = ({ bus, registry }: TestRun): void => {
  bus.dispose();
  registry.dispose();
};

const stepsOf = (events: readonly LigatureEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step.completed' ? [event.step] : []));
const windowsOf = (events: readonly LigatureEvent[], type: 'window.opened' | 'window.closed'): number[] =>
  events.flatMap((event) => (event.type === type ? [event.window] : []));

describe('a rollback', () => {
  it('is the loop putting itself back: nothing overwrites it while it is at work', async () => {
    // Steps 1 to 4 are good, the fifth is of window 1; the last checkpoint is that of step 3.
    const run = runWith(poisonedAt(5), { checkpointEvery: 3 });
    const result = await run.trainer.run();
    expect(run.snapshots).toHaveLength(1);
    const [{ before, after }] = run.snapshots as [(typeof run.snapshots)[number]];
    expect(before).toMatchObject({ step: 4, window: 1 });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ outcome: 'completed', step: 9, tokens: 9 * 24 });
    expect(run.trainer.snapshot()).toMatchObject({ step: 9, skipped: [1], done: true });
    close(run);
  });

  it('goes on at the step of the checkpoint, without the window that diverged', async () => {
    const run = runWith(poisonedAt(5), { checkpointEvery: 3 });
    await run.trainer.run();
    const { events } = run;
    expect(events.find(({ type }) => type === 'run.diverged')).toEqual({
      type: 'run.diverged',
      step: 5,
      window: 1,
      loss: 'NaN',
      gradientNorm: expect.any(Number) as number,
      learningRate: expect.any(Number) as number,
      action: 'rollback',
      resumedStep: 3,
    });
    expect(stepsOf(events)).toEqual([1, 2, 3, 4, 4, 5, 6, 7, 8, 9]);
    expect(windowsOf(events, 'window.opened')).toEqual([0, 1, 2, 3]);
    // The checkpoint of step 3 is of before window 0 closed. Window 1 was open when it diverged: that never happened.
    expect(windowsOf(events, 'window.closed')).toEqual([0, 0, 2, 3]);
    close(run);
  });

  it('takes the steps after it on what follows the text of that window', async () => {
    const run = runWith(poisonedAt(5), { checkpointEvery: 3 });
    await run.trainer.run();
    const twin = createRun(objective, { steps: 9, window: 3 });
    const { next } = twin.batches;
    let drawn = 0;
    twin.batches.next = () => {
      drawn += 1;
      // After three batches three are passed over.
      if (drawn === 4) for (let batch = 0; batch < 3; batch += 1) next();
      return next();
    };
    await twin.trainer.run();
    const losses = lossesOf(run.events);
    expect([...losses.slice(0, 3), ...losses.slice(4)]).toEqual(lossesOf(twin.events));
    expect(run.registry.exportWeights()).toEqual(twin.registry.exportWeights());
    close(run);
    close(twin);
  });

  it('into the middle of a window closes it with the losses that it has', async () => {
    const run = runWith(poisonedAt(6), { checkpointEvery: 2 });
    await run.trainer.run();
    expect(stepsOf(run.events)).toEqual([1, 2, 3, 4, 5, 5, 6, 7, 8, 9]);
    const closed = run.events.filter((event) => event.type === 'window.closed');
    expect(closed.map(({ window, step, losses }) => [window, step, losses.length])).toEqual([
      [0, 3, 3],
      [1, 4, 1],
      [2, 7, 3],
      [3, 9, 2],
    ]);
    close(run);
  });

  it('happens three times at most, and never without a checkpoint', async () => {
    const sick = runWith(poisonedAt(2, 3, 4, 5, 6), { steps: 30 });
    await expect(sick.trainer.run()).rejects.toMatchObject({ code: 'diverged' });
    const actions = sick.events.flatMap((event) => (event.type === 'run.diverged' ? [event.action] : []));
    expect(actions).toEqual(['rollback', 'rollback', 'rollback', 'stop']);
    close(sick);
    const bare = createRun(poisonedAt(2), { onDivergence: 'rollback' });
    await expect(bare.trainer.run()).rejects.toMatchObject({ code: 'diverged' });
    expect(bare.events.at(-2)).toMatchObject({ type: 'run.diverged', action: 'stop', resumedStep: null });
    close(bare);
  });
});
