import {
  createEventBus,
  createRandomStreams,
  type Batch,
  type BatchSource,
  type EventBus,
  type LigatureEvent,
  type Model,
  type RandomStream,
  type RandomStreams,
} from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import { Trainer, type Checkpoints, type Evaluate, type TrainerOptions } from '../src/index.js';

export const baseOptions: TrainerOptions = {
  steps: 7,
  accumulation: 1,
  learningRate: 0.01,
  schedule: 'cosine',
  warmup: 2,
  minimumLearningRate: 0.1,
  weightDecay: 0.01,
  decay: 'matrices',
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  clip: 1,
  window: 3,
  evaluateEvery: null,
  finalSplits: ['validation'],
  checkpointEvery: null,
  checkpointEveryMinutes: null,
  onDivergence: 'stop',
  seed: 11,
  controller: 'none',
};

/** Batches of a sequence that can be learned: each token is usually followed by its successor. */
export function randomBatch(
  stream: RandomStream,
  batch: number,
  context: number,
  vocabularySize: number,
): Batch {
  const inputs = new Int32Array(batch * context);
  const labels = new Int32Array(batch * context);
  for (let place = 0; place < inputs.length; place += 1) {
    const token = stream.integer(0, vocabularySize);
    inputs[place] = token;
    labels[place] = stream.uniform() < 0.8 ? (token + 1) % vocabularySize : stream.integer(0, vocabularySize);
  }
  return { inputs, labels, batch, context };
}

export function batchSource(
  streams: RandomStreams,
  batch: number,
  context: number,
  model: Model,
): BatchSource {
  const stream = streams.stream('data-order');
  return {
    next: () => randomBatch(stream, batch, context, model.vocabularySize),
    snapshot: () => stream.snapshot(),
    restore: (state) => stream.restore(state),
  };
}

export interface TestRun {
  readonly bus: EventBus;
  readonly registry: WeightRegistry;
  readonly streams: RandomStreams;
  readonly trainer: Trainer;
  /** Everything published, in order. */
  readonly events: LigatureEvent[];
}

/** A whole run around a model; the clock stands still, so that events of equal runs are equal. */
export function createRun(
  model: Model,
  options: Partial<TrainerOptions> = {},
  sharing: Partial<SharingOptions> = {},
  evaluate?: Evaluate,
  { now = () => 0, checkpoints }: { now?: () => number; checkpoints?: Checkpoints } = {},
): TestRun {
  const all = { ...baseOptions, ...options };
  const streams = createRandomStreams(all.seed);
  const bus = createEventBus();
  const events: LigatureEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const registry = new WeightRegistry(model, streams, sharing);
  registry.initialize();
  const shape = { batch: 4, context: 6 };
  const source = batchSource(streams, shape.batch, shape.context, model);
  const trainer = new Trainer(bus, model, registry, source, shape, all, streams, now, evaluate, checkpoints);
  return { bus, registry, streams, trainer, events };
}

export function lossesOf(events: readonly LigatureEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'step.completed' ? [event.loss] : []));
}
