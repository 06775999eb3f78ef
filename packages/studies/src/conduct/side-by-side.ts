/** How many trials of a study run at once, and on how many threads each. */
import { availableParallelism } from 'node:os';
import type { RunConfig } from '@ligature/core';

export interface Machine {
  readonly cores: number;
  /** Bytes that processes may still take. */
  readonly freeBytes: number;
}

/** This one, now: cores that this process may use, memory that its container has left. */
export const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  freeBytes: process.availableMemory(),
});

/**
 * Settles `compare.parallel` and `threads` before trials are planned, so that the plan holds both and a study that
 * goes on elsewhere computes as it began: numbers of threads change the last digits of losses. Side by side, each trial
 * gets its share of the cores where `threads` says nothing; `auto` is as many trials as have cores, one thread each or
 * `threads`, and fit into four fifths of the free memory. One at a time, nothing changes.
 *
 * @param trials of the study
 * @param trialBytes what one of them may need, roughly (see {@link estimateTrialBytes})
 */
export function settleParallel(
  config: RunConfig,
  trials: number,
  trialBytes: number,
  { cores, freeBytes }: Machine = thisMachine(),
): RunConfig {
  const { parallel: wanted } = config.compare;
  const byCores = Math.floor(cores / (config.threads ?? 1));
  const byMemory = Math.floor((0.8 * freeBytes) / trialBytes);
  const most = wanted === 'auto' ? Math.min(byCores, byMemory) : wanted;
  const parallel = Math.max(1, Math.min(most, trials));
  const threads = config.threads ?? (parallel > 1 ? Math.max(1, Math.floor(cores / parallel)) : null);
  return { ...config, threads, compare: { ...config.compare, parallel } };
}

/** A process with a backend and a text in it, before there is a model. */
const PROCESS_BYTES = 300 * 2 ** 20;

/**
 * Bytes that a trial may take, to one digit or so: its process; weights, gradients and two moments of the untied stack;
 * the activations of a micro-batch, s b h (34 + 5 a s / h) bytes a layer in 16-bit numbers by Korthikanti et al. 2022
 * (arXiv:2205.05198, equation 1), here in 32-bit ones; and three rows of logits a token.
 * A size that the model does not have counts as 1.
 */
export function estimateTrialBytes({ model, training }: RunConfig, vocabularySize: number): number {
  const [layers, width, heads, context] = ['layers', 'width', 'heads', 'context'].map((size) => {
    const value = model.options[size];
    return typeof value === 'number' ? value : 1;
  }) as [number, number, number, number];
  const parameters = layers * 12 * width ** 2 + (vocabularySize + context) * width;
  const tokens = training.batch * context;
  const activations = 2 * layers * tokens * (34 * width + 5 * heads * context);
  return PROCESS_BYTES + 16 * parameters + activations + 12 * tokens * vocabularySize;
}
