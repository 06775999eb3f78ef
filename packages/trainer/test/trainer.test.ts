import '@tensorflow/tfjs-backend-cpu';
import { createRunContainer, InputError, runConfigSchema, TOKENS } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { createAdamW, Trainer, TRAINER_TOKENS, trainStep } from '../src/index.js';
import { baseOptions, batchSource, createRun, lossesOf, stepOptions, type TestRun } from './support.js';
import { createToyObjective, type TokenObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 3, width: 5, vocabularySize: 7 });
const open: TestRun[] = [];
const run = (...parts: Parameters<typeof createRun>): TestRun => {
  const made = createRun(...parts);
  open.push(made);
  return made;
};
afterEach(() => {
  for (const { bus, registry } of open.splice(0)) {
    bus.dispose();
    registry.dispose();
  }
});

const toNaN = tf.customGrad((x) => ({
  value: tf.mul(x as tf.Tensor, NaN),
  gradFunc: (dy: tf.Tensor) => dy,
}));

/** The objective, but its loss is not a number from the `from`-th evaluation on. */
function poisoned(from: number): TokenObjective {
  let calls = 0;
  return {
    ...objective,
    loss: (...parts) => {
      calls += 1;
      const loss = objective.loss(...parts);
      return calls < from ? loss : (toNaN(loss) as Scalar);
    },
  };
}

const NOTHING = { tokens: 0, flops: 0 };

describe('Trainer', () => {
  it('publishes windows, steps and evaluations in order; the last window may be short', async () => {
    const { trainer, events } = run(
      objective,
      { steps: 7, window: 3, evaluateEvery: 2, finalSplits: ['validation', 'test'] },
      {},
      (split, final) =>
        Promise.resolve({ metrics: { asked: (split === 'validation' ? 1 : -1) * (final ? 2 : 1) } }),
    );
    expect(await trainer.run()).toEqual({
      outcome: 'completed',
      step: 7,
      tokens: 7 * 24,
      flops: 0,
      measuring: NOTHING,
    });
    const trace = events.map((event) => {
      if (event.type === 'step.completed') return `step ${event.step}`;
      if (event.type === 'window.opened') return `open ${event.window} at ${event.step}`;
      if (event.type === 'window.closed') {
        return `close ${event.window} ${event.losses.length} ${event.truncated}`;
      }
      if (event.type === 'evaluation.completed')
        return `evaluate ${event.split} ${event.step} ${event.metrics['asked']}`;
      return event.type;
    });
    expect(trace).toEqual([
      'run.started',
      'open 0 at 0',
      'step 1',
      'step 2',
      'evaluate validation 2 1',
      'step 3',
      'close 0 3 false',
      'open 1 at 3',
      'step 4',
      'evaluate validation 4 1',
      'step 5',
      'step 6',
      'evaluate validation 6 1',
      'close 1 3 false',
      'open 2 at 6',
      'step 7',
      // Step 7 is the last: the budget truncates the window, and the final evaluation follows it.
      'close 2 1 true',
      'evaluate validation 7 2',
      'evaluate test 7 -2',
      'run.completed',
    ]);
    // Whose turn it is, is nothing that the loop knows; how much is spent, it does.
    const opened = events.filter((event) => event.type === 'window.opened');
    expect(opened).toEqual(
      [0, 3, 6].map((step, window) => ({ type: 'window.opened', window, step, progress: step / 7 })),
    );
    const closed = events.filter((event) => event.type === 'window.closed');
    expect(closed.map(({ progress }) => progress)).toEqual([3 / 7, 6 / 7, 1]);
  });

  it('says what is learnt when it begins', async () => {
    const task = {
      task: 'regression',
      unit: 'row',
      lossUnit: 'square',
      metrics: [{ name: 'r2', unit: '', better: 'higher' }],
    } as const;
    const { trainer, events } = run(objective, { steps: 1, task });
    await trainer.run();
    expect(events[0]).toMatchObject({ type: 'run.started', layers: 3, steps: 1, ...task });
  });

  it('hands the losses of its steps to window.closed and the schedule to step.completed', async () => {
    const { trainer, events } = run(objective, { steps: 3, warmup: 1, schedule: 'constant' });
    await trainer.run();
    const closed = events.find((event) => event.type === 'window.closed');
    expect(closed).toMatchObject({ losses: lossesOf(events) });
    const rates = events.flatMap((event) => (event.type === 'step.completed' ? [event.learningRate] : []));
    expect(rates).toEqual([0.005, 0.01, 0.01]);
  });

  it.each([
    [0.5, [0.01 / 3, 0.02 / 3, 0.01, 0.01]],
    [0.1, [0.01, 0.01, 0.01, 0.01]],
  ])('warms up for a share of the steps: %s of four', async (warmup, expected) => {
    const { trainer, events } = run(objective, { steps: 4, warmup, schedule: 'constant' });
    await trainer.run();
    const rates = events.flatMap((event) => (event.type === 'step.completed' ? [event.learningRate] : []));
    expect(rates).toEqual(expected.map((rate) => expect.closeTo(rate, 12)));
  });

  it('trains under what the handlers of window.opened, and of what they published, left', async () => {
    const { trainer, bus, registry, events } = run(objective, { steps: 6, window: 3 });
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'ask',
      async handle(event, publish) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        publish({
          type: 'tying.decided',
          window: event.window,
          layer: 2,
          source: 0,
          kind: 'layer',
          notes: {},
        });
      },
    });
    bus.handle({
      type: 'tying.decided',
      phase: 'apply',
      name: 'tie',
      async handle() {
        await new Promise((resolve) => setTimeout(resolve, 2));
        registry.tie(2, 0);
      },
    });
    const seen: string[] = [];
    bus.on('step.completed').subscribe(() => seen.push(registry.tieMap.join('')));
    await trainer.run();
    expect(seen).toEqual(Array(6).fill('010'));
    const completed = events.at(-1);
    expect(completed).toMatchObject({
      type: 'run.completed',
      tieMap: [0, 1, 0],
      ledger: { independentLayers: 2 },
    });
  });

  it('is built by a container from its tokens', async () => {
    const { bus, registry, streams } = run(objective);
    const batches = batchSource(streams, 2, 4, objective);
    const container = createRunContainer();
    container.provide(TOKENS.bus, bus);
    container.provide(TOKENS.objective, objective);
    container.provide(TOKENS.optimizer, createAdamW());
    container.provide(TOKENS.config, runConfigSchema.parse({ training: { accumulation: 3 } }));
    container.provide(TOKENS.registry, registry);
    container.provide(TOKENS.ledger, () => registry.ledger(objective.cost(batches.shape)));
    container.provide(TOKENS.trainingBatches, batches);
    container.provide(TOKENS.streams, streams);
    container.provide(TOKENS.now, () => 0);
    container.provide(TRAINER_TOKENS.options, { ...baseOptions, steps: 2 });
    const trainer = container.build(Trainer);
    expect(await trainer.run()).toEqual({
      outcome: 'completed',
      step: 2,
      tokens: 2 * 3 * 8,
      flops: 0,
      measuring: NOTHING,
    });
    await container.dispose();
  });

  it('says where it diverged, and leaves weights and moments as they were', async () => {
    const sick = run(poisoned(5), { steps: 9, window: 3 });
    await expect(sick.trainer.run()).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/step 5 of window 1.*loss is NaN/),
    });
    expect(sick.events.at(-1)).toMatchObject({ type: 'run.failed', step: 4, code: 'diverged' });
    const stop = new AbortController();
    const twin = run(objective, { steps: 9, window: 3, signal: stop.signal });
    twin.bus.on('step.completed').subscribe(({ step }) => {
      if (step === 4) stop.abort();
    });
    await twin.trainer.run();
    expect(sick.registry.exportWeights()).toEqual(twin.registry.exportWeights());
    expect(sick.registry.binding().leaves.map(({ state }) => state?.step)).toEqual(Array(8).fill(4));
  });

  it('stops cleanly after the step under way when its signal says so', async () => {
    const stop = new AbortController();
    const { trainer, bus, events } = run(objective, { steps: 50, window: 3, signal: stop.signal });
    bus.on('step.completed').subscribe(({ step }) => {
      if (step === 5) stop.abort();
    });
    expect(await trainer.run()).toEqual({
      outcome: 'stopped',
      step: 5,
      tokens: 120,
      flops: 0,
      measuring: NOTHING,
    });
    expect(events.at(-1)).toMatchObject({ type: 'step.completed', step: 5 });

    const never = run(objective, { signal: AbortSignal.abort() });
    expect(await never.trainer.run()).toMatchObject({ outcome: 'stopped', step: 0 });
  });

  it('fails with the error of a handler and reports it', async () => {
    const { trainer, bus, events } = run(objective);
    const cause = new InputError('bad', { asked: 'Decide', found: 'nothing', todo: 'Mend it' });
    bus.handle({
      type: 'window.closed',
      phase: 'measure',
      name: 'broken',
      handle: () => {
        throw cause;
      },
    });
    await expect(trainer.run()).rejects.toMatchObject({ code: 'handler-failed', cause });
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', step: 3, code: 'handler-failed' });
  });

  it('gives identical event logs for one seed, dropout included, and others for another', async () => {
    const dropping = createToyObjective({ layers: 3, width: 8, vocabularySize: 7, dropout: 0.3 });
    const logs = [];
    for (const seed of [5, 5, 6]) {
      const { trainer, events } = run(dropping, { seed });
      await trainer.run();
      logs.push(events.map((event) => JSON.stringify(event)));
    }
    expect(logs[0]).toEqual(logs[1]);
    expect(logs[0]?.[2]).not.toEqual(logs[2]?.[2]);
  });

  it('learns: the loss of a learnable sequence falls', async () => {
    const { trainer, events } = run(objective, { steps: 60, learningRate: 0.05 });
    await trainer.run();
    const losses = lossesOf(events);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    // A uniform guess costs ln 7 = 1.95 nats; the sequence holds 0.8 + 0.2/7 of its mass on one successor.
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(1.7);
    expect(mean(losses.slice(-5))).toBeLessThan(1.2);
  });
});

describe('trainStep', () => {
  it('does not touch the registry when the loss is not finite', async () => {
    const { registry, streams } = run(objective);
    const batch = batchSource(streams, 2, 4, objective).next();
    const before = registry.exportWeights();
    const tensors = tf.memory().numTensors;
    const result = await trainStep(poisoned(1), registry, [batch], 0.1, stepOptions);
    expect(result).toMatchObject({ applied: false, loss: NaN });
    expect(registry.exportWeights()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
