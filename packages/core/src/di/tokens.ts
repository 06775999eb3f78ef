/**
 * Names for what a run is made of. Inject with `@inject(TOKENS.bus)` on every constructor parameter: the
 * compilers in use emit no decorator metadata, so a class alone never says what it needs.
 */
import type { InjectionToken } from 'tsyringe';
import type { EventBus } from '../bus/event-bus.js';
import type { Controller, SimilarityKind } from '../contracts/controller.js';
import type { Reward } from '../contracts/evaluation.js';
import type { Model } from '../contracts/model.js';
import type { RandomStreams } from '../contracts/random.js';
import type { BatchSource } from '../contracts/text.js';
import type { RunConfig } from '../config/schema.js';

/** A token that remembers the type of what it stands for; at run time it is a symbol. */
export type Token<T> = InjectionToken<T>;

/** Makes a token of your own. @param description shown when nothing is registered for it */
export function createToken<T>(description: string): Token<T> {
  return Symbol(description);
}

export const TOKENS = {
  bus: createToken<EventBus>('EventBus'),
  config: createToken<RunConfig>('RunConfig'),
  streams: createToken<RandomStreams>('RandomStreams'),
  model: createToken<Model>('Model'),
  /** The WeightRegistry of @ligature/weight-sharing. */
  registry: createToken<unknown>('WeightRegistry'),
  controller: createToken<Controller>('Controller'),
  reward: createToken<Reward>('Reward'),
  trainingBatches: createToken<BatchSource>('BatchSource'),
  /** Mean loss in nats on the probe batches of a window, for rewards. */
  heldOutLoss: createToken<(window: number) => Promise<number>>('HeldOutLoss'),
  /** Measures how alike the layers are as the weights are now: [layers][layers], for controllers that ask. */
  similarity: createToken<(kind: SimilarityKind) => Promise<readonly (readonly number[])[]>>('Similarity'),
  /** Milliseconds since an arbitrary start, monotonic. The only clock of a run. */
  now: createToken<() => number>('Now'),
  /** Tokens in one training batch row set: [batch, context]. */
  batchShape: createToken<{ readonly batch: number; readonly context: number }>('BatchShape'),
} as const;
