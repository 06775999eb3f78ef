/**
 * Names for what a run is made of. Inject with `@inject(TOKENS.bus)` on every constructor parameter: the
 * compilers in use emit no decorator metadata, so a class alone never says what it needs.
 */
import type { InjectionToken } from 'tsyringe';
import type { EventBus } from '../bus/event-bus.js';
import type { RunConfig } from '../config/schema.js';
import type { BatchSource } from '../contracts/batch.js';
import type { Controller } from '../contracts/controller.js';
import type { Reward } from '../contracts/evaluation.js';
import type { Ledger } from '../contracts/ledger.js';
import type { Measured, MeasurementOrder, MeasuringCost } from '../contracts/measurement.js';
import type { Metrics } from '../contracts/metrics.js';
import type { Model } from '../contracts/model.js';
import type { Objective } from '../contracts/objective.js';
import type { Optimizer } from '../contracts/optimizer.js';
import type { RandomStreams } from '../contracts/random.js';
import type { Prepared, Task } from '../contracts/task.js';

/** A token that remembers the type of what it stands for; at run time it is a symbol. */
export type Token<T> = InjectionToken<T>;

/** Makes a token of your own. @param description shown when nothing is registered for it */
export function createToken<T>(description: string): Token<T> {
  return Symbol(description);
}

/** What the probe batches of a window say of the weights as they are now. */
export interface ProbeMeasurement {
  /** Mean loss over their targets. */
  readonly loss: number;
  /** The task's metrics. */
  readonly metrics: Metrics;
  /** What the passes took; left out: not counted. */
  readonly cost?: MeasuringCost;
}

/** Found by its name, so that a plug-in with a copy of this package in its own node_modules asks for the same. */
const shared = <T>(name: string): Token<T> => Symbol.for(`@ligature/core/${name}`);

export const TOKENS = {
  bus: shared<EventBus>('EventBus'),
  config: shared<RunConfig>('RunConfig'),
  streams: shared<RandomStreams>('RandomStreams'),
  task: shared<Task>('Task'),
  /** The task's data, read and ready. */
  prepared: shared<Prepared>('Prepared'),
  model: shared<Model>('Model'),
  /** Model, head and task in one, adapters around them. */
  objective: shared<Objective>('Objective'),
  optimizer: shared<Optimizer>('Optimizer'),
  /** The WeightRegistry of @ligature/weight-sharing. */
  registry: shared<unknown>('WeightRegistry'),
  /** The honest counts of the tie map in force, for one micro-batch. */
  ledger: shared<() => Ledger>('Ledger'),
  controller: shared<Controller>('Controller'),
  /** Whether tying is over: the map stays, nobody is asked, and nobody waits for a reward. */
  tyingIsOver: shared<() => boolean>('TyingIsOver'),
  /** Makes another controller for the same stack, by name: for a controller around one. Asked in `create` only. */
  createController: shared<(name: string, options: unknown) => Promise<Controller>>('CreateController'),
  reward: shared<Reward>('Reward'),
  trainingBatches: shared<BatchSource>('BatchSource'),
  /** Measures on the probe batches of a window, for rewards. */
  probe: shared<(window: number) => Promise<ProbeMeasurement>>('Probe'),
  /** Measures the layers as the weights are now, for controllers that ask. */
  measure: shared<(order: MeasurementOrder) => Promise<Measured>>('Measure'),
  /** Milliseconds since an arbitrary start, monotonic. The only clock of a run. */
  now: shared<() => number>('Now'),
} as const;
