/** Logits and gradients of one batch against reference tensors: what every kind of reference has. */
import type { Batch, Objective, ParameterView, TensorBatch, WeightsFile } from '@ligature/core';
import { tensorBatch } from '@ligature/trainer';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { EXACT, type Deviations, type Tolerance } from './deviation.js';
import type { Weights } from './reference-files.js';

export const VALUES: Tolerance = { absolute: 2e-4, relative: 1e-3 };
export const LOSSES: Tolerance = { absolute: 5e-4, relative: 0 };

export interface FirstBatch {
  readonly objective: Objective;
  readonly registry: WeightRegistry;
  readonly batch: Batch;
  /** All outputs of the head, without dropout. */
  logits(view: ParameterView, fields: TensorBatch): tf.Tensor;
  readonly expected: {
    readonly logits: ArrayLike<number> | undefined;
    /** By the names of the parameters that they belong to: of all that train, and of no others. */
    readonly gradients: WeightsFile['tensors'];
  };
}

/** Tensors of a file by what follows a prefix. */
export const gradientsUnder = (prefix: string, tensors: Weights): Weights =>
  new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
    ),
  );

export function compareFirstBatch(
  { objective, registry, batch, logits, expected }: FirstBatch,
  deviations: Deviations,
): void {
  tf.tidy(() => {
    const fields = tensorBatch(batch);
    const found = logits(registry.view(), fields).dataSync();
    deviations.add('logits', 'first batch', found, expected.logits ?? [], VALUES);

    const binding = registry.binding();
    const leaves = binding.leaves.map(({ tensor }) => tensor);
    const loss = (...tensors: tf.Tensor[]): tf.Scalar =>
      objective.loss(binding.view(tensors, binding.frozen), fields, { training: true });
    const { grads } = tf.valueAndGrads(loss)(leaves);
    binding.leaves.forEach(({ name }, index) => {
      const gradient = (grads[index] as tf.Tensor).dataSync();
      deviations.add('gradients', name, gradient, expected.gradients.get(name)?.data ?? [], VALUES);
    });
    // The reference takes gradients of exactly the same parameters: none may be missing here.
    const taken = new Set(binding.leaves.map(({ name }) => name));
    const missing = [...expected.gradients.keys()].filter((name) => !taken.has(name));
    const where = `gradients missing: ${missing.join(', ') || 'none'}`;
    deviations.add('counts', where, [missing.length], [0], EXACT);
  });
}
