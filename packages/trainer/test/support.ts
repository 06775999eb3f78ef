import {
  createEventBus,
  createRandomStreams,
  type Batch,
  type BatchSource,
  type EventBus,
  type Field,
  type LigatureEvent,
  type Optimizer,
  type RandomStream,
  type RandomStreams,
} from '@ligature/core';
import { createCausalLm } from '@ligature/tasks';
import { createGpt2, type Gpt2Config } from '@ligature/transformer';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import {
  createAdamW,
  createObjective,
  headOf,
  Trainer,
  TrainingSteps,
  type Checkpoints,
  type Evaluate,
  type StepOptions,
  type TrainerOptions,
} from '../src/index.js';
import type { TokenObjective } from './toy-model.js';

export const baseOptions: TrainerOptions = {
  steps: 7,
  learningRate: 0.01,
  schedule: 'cosine',
  warmup: 2,
  minimumLearningRate: 0.1,
  window: 3,
  evaluateEvery: null,
  finalSplits: ['validation'],
  checkpointEvery: null,
  checkpointEveryMinutes: null,
  onDivergence: 'stop',
  seed: 11,
  controller: 'none',
};

export const stepOptions: StepOptions = { optimizer: createAdamW(), clipNorm: 1 };

/** Ids as the fields of a batch, [rows, context]; labels below zero do not count. */
export function tokenBatch(inputs: ArrayLike<number>, labels: ArrayLike<number>, rows: number): Batch {
  const field = (ids: ArrayLike<number>): Field => ({
    shape: [rows, ids.length / rows],
    dtype: 'int32',
    data: Int32Array.from(ids),
  });
  const weight = Array.from(labels).filter((label) => label >= 0).length;
  return { fields: { inputs: field(inputs), labels: field(labels) }, weight };
}

/** A row holds one token more than the context: inputs are all but the last, labels all but the first. */
export const shiftedBatch = (rows: readonly (readonly number[])[]): Batch =>
  tokenBatch(
    rows.flatMap((row) => row.slice(0, -1)),
    rows.flatMap((row) => row.slice(1)),
    rows.length,
  );

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
  return tokenBatch(inputs, labels, batch);
}

export function batchSource(
  streams: RandomStreams,
  batch: number,
  context: number,
  { vocabularySize }: Pick<TokenObjective, 'vocabularySize'>,
): BatchSource {
  const stream = streams.stream('data-order');
  return {
    shape: { inputs: [batch, context], labels: [batch, context] },
    weight: batch * context,
    next: () => randomBatch(stream, batch, context, vocabularySize),
    snapshot: () => stream.snapshot(),
    restore: (state) => stream.restore(state),
  };
}

/** A GPT-2 that predicts the next token. */
export function createGpt2Objective(config: Gpt2Config): TokenObjective {
  const model = createGpt2(config);
  const { vocabularySize } = config;
  const head = headOf(model, { kind: 'causal-lm', outputs: vocabularySize });
  return { ...createObjective({ model, head, task: createCausalLm() }), vocabularySize };
}

export interface TestRun {
  readonly bus: EventBus;
  readonly registry: WeightRegistry;
  readonly streams: RandomStreams;
  readonly batches: BatchSource;
  readonly trainer: Trainer;
  /** Everything published, in order. */
  readonly events: LigatureEvent[];
}

export interface RunOptions extends TrainerOptions {
  readonly accumulation: number;
  readonly clip: number | null;
}

export interface Surroundings {
  readonly now?: () => number;
  readonly checkpoints?: Checkpoints;
  readonly optimizer?: Optimizer;
}

/** A whole run around an objective; the clock stands still, so that events of equal runs are equal. */
export function createRun(
  objective: TokenObjective,
  options: Partial<RunOptions> = {},
  sharing: Partial<SharingOptions> = {},
  evaluate?: Evaluate,
  { now = () => 0, checkpoints, optimizer = createAdamW() }: Surroundings = {},
): TestRun {
  const { accumulation = 1, clip = 1, ...rest } = options;
  const all = { ...baseOptions, ...rest };
  const streams = createRandomStreams(all.seed);
  const bus = createEventBus();
  const events: LigatureEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const registry = new WeightRegistry(objective, streams, sharing);
  registry.initialize();
  const batches = batchSource(streams, 4, 6, objective);
  const config = { training: { accumulation, clip } };
  const steps = new TrainingSteps(objective, registry, optimizer, batches, streams, config);
  const ledger = () => registry.ledger(objective.cost(batches.shape));
  const trainer = new Trainer(bus, steps, registry, ledger, all, now, evaluate, checkpoints);
  return { bus, registry, streams, batches, trainer, events };
}

export function lossesOf(events: readonly LigatureEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'step.completed' ? [event.loss] : []));
}
