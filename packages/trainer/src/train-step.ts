/** Takes one step on a registry's weights: the bridge between the pure step and the owner of the tensors. */
import type { Batch, Model } from '@ligature/core';
import type { Leaf, WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { adamWScalars } from './adamw.js';
import type { AdamWOptions } from './adamw.js';
import { createStep } from './step.js';
import type { MicroBatch, StepInputs, StepOptions, StepOutputs } from './step.js';

export interface StepResult {
  /** Mean cross-entropy in nats over the step's tokens, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
  /** False when the loss or the norm was not finite: then the weights and moments are as they were before. */
  readonly applied: boolean;
}

/**
 * One AdamW step over `batches`, the micro-batches of one step. The only read from the backend is one of two
 * numbers, loss and norm; weights and moments change only if both are finite.
 */
export async function trainStep(
  model: Model,
  registry: WeightRegistry,
  batches: readonly Batch[],
  learningRate: number,
  options: StepOptions,
): Promise<StepResult> {
  const binding = registry.binding();
  const step = createStep(model, binding, options);
  const tokens = batches.reduce((sum, { batch, context }) => sum + batch * context, 0);
  const outputs = tf.tidy(() =>
    step({
      ...optimizerInputs(binding.leaves, learningRate, options.adamW),
      frozen: binding.frozen,
      batches: batches.map((batch) => microBatch(batch, tokens)),
    }),
  );
  let applied = false;
  try {
    const [loss, gradientNorm] = (await outputs.report.data()) as unknown as [number, number];
    applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
    if (applied) commit(registry, binding.leaves, outputs);
    return { loss, gradientNorm, tokens, applied };
  } finally {
    outputs.report.dispose();
    if (!applied) tf.dispose([outputs.parameters, outputs.m, outputs.v]);
  }
}

/** In index order, so that of several leaves on one storage the last one's value stays. */
function commit(registry: WeightRegistry, leaves: readonly Leaf[], outputs: StepOutputs): void {
  leaves.forEach((leaf, index) => {
    const [parameter, m, v] = [outputs.parameters[index], outputs.m[index], outputs.v[index]];
    if (parameter && m && v) registry.update(leaf, { parameter, m, v, step: countOf(leaf) });
  });
}

/** The number of this update among the leaf's own, from 1. */
const countOf = (leaf: Leaf): number => (leaf.moments?.step ?? 0) + 1;

/** Weights, moments (zeros before a leaf's first update) and scalars; leaves with equal counts share theirs. */
function optimizerInputs(
  leaves: readonly Leaf[],
  learningRate: number,
  options: AdamWOptions,
): Omit<StepInputs, 'frozen' | 'batches'> {
  const byCount = new Map<number, { stepSize: Scalar; epsilon: Scalar }>();
  const scalars = leaves.map((leaf) => {
    const count = countOf(leaf);
    const known = byCount.get(count);
    if (known) return known;
    const { stepSize, epsilon } = adamWScalars(learningRate, count, options);
    const made = { stepSize: tf.scalar(stepSize), epsilon: tf.scalar(epsilon) };
    byCount.set(count, made);
    return made;
  });
  return {
    leaves: leaves.map((leaf) => leaf.tensor),
    m: leaves.map((leaf) => leaf.moments?.m ?? tf.zeros([...leaf.spec.shape])),
    v: leaves.map((leaf) => leaf.moments?.v ?? tf.zeros([...leaf.spec.shape])),
    keep: tf.scalar(1 - learningRate * options.weightDecay),
    stepSizes: scalars.map(({ stepSize }) => stepSize),
    epsilons: scalars.map(({ epsilon }) => epsilon),
  };
}

function microBatch(batch: Batch, stepTokens: number): MicroBatch {
  const shape: [number, number] = [batch.batch, batch.context];
  return {
    inputs: tf.tensor2d(batch.inputs, shape, 'int32'),
    labels: tf.tensor2d(batch.labels, shape, 'int32'),
    weight: tf.scalar((batch.batch * batch.context) / stepTokens),
  };
}
