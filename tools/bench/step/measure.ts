/** Times real training steps of a workload on one backend, with the product's own model, registry and step. */
import { selectBackend } from '@ligature/backends';
import { createRandomStreams, type Batch, type ModelCost, type RandomStream } from '@ligature/core';
import { trainStep, type StepOptions } from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { choiceOf, createHost } from '../backends.js';
import type { Workload } from '../workloads.js';

export interface StepRequest {
  readonly backend: string;
  readonly workload: Workload;
  readonly warmup: number;
  readonly steps: number;
}

export interface StepMeasurement {
  readonly backend: string;
  readonly secondsPerStep: number;
  readonly tokensPerSecond: number;
  /** Effective: operations of the model's products, forward and twice as many backward, over the time. */
  readonly gflops: number;
  readonly peakResidentBytes: number;
}

const LEARNING_RATE = 3e-4;
const STEP_OPTIONS: StepOptions = {
  adamW: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, decay: 'matrices' },
  clipNorm: 1,
};

/**
 * Runs in a process of its own: the peak of resident memory counts everything since it started.
 * @param report is told what is going on, for people.
 */
export async function measureStep(
  { backend, workload, warmup, steps }: StepRequest,
  report: (line: string) => void,
): Promise<StepMeasurement> {
  const host = createHost();
  const selected = await selectBackend(choiceOf(backend, host), host);
  report(`${backend}: ${selected.detail}`);

  const streams = createRandomStreams(1);
  const { batch: _batch, ...sizes } = workload;
  const model = createGpt2({ ...sizes, dropout: 0, activation: 'gelu_new', layerNormEpsilon: 1e-5 });
  const registry = new WeightRegistry(model, streams);
  registry.initialize();
  const seconds: number[] = [];
  for (let step = 0; step < warmup + steps; step += 1) {
    const batch = randomBatch(workload, streams.stream('data-order'));
    const start = performance.now();
    const { loss } = await trainStep(model, registry, [batch], LEARNING_RATE, STEP_OPTIONS);
    const elapsed = (performance.now() - start) / 1000;
    if (step >= warmup) seconds.push(elapsed);
    const kind = step < warmup ? 'warm-up' : `step ${step - warmup + 1}/${steps}`;
    report(`${backend}: ${kind}, ${elapsed.toFixed(2)} s, loss ${loss.toFixed(4)}`);
  }
  registry.dispose();

  const secondsPerStep = median(seconds);
  const flops = stepFlops(model.cost(workload.batch, workload.context), workload.layers);
  return {
    backend,
    secondsPerStep,
    tokensPerSecond: (workload.batch * workload.context) / secondsPerStep,
    gflops: flops / secondsPerStep / 1e9,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Random tokens cost as much as real ones. */
function randomBatch({ batch, context, vocabularySize }: Workload, stream: RandomStream): Batch {
  const ids = (): Int32Array =>
    Int32Array.from({ length: batch * context }, () => stream.integer(0, vocabularySize));
  return { inputs: ids(), labels: ids(), batch, context };
}

function stepFlops(
  { layerWeightFlops, layerActivationFlops, globalFlops }: ModelCost,
  layers: number,
): number {
  return 3 * (layers * (layerWeightFlops + layerActivationFlops) + globalFlops);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
