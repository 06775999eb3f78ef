/**
 * One optimizer step as a pure function: (parameters, frozen weights, slots, batches, scalars) in, (parameters,
 * slots, report) out. It reads nothing back and holds nothing that changes from step to step, so a backend may
 * compile it once for each structure of tying (`Binding.key`).
 *
 * Several leaves may stand for one storage (the official profile): each has a gradient and slots of its own,
 * all gradients are taken at the weights before the step, and the updates follow in index order, each on what the
 * one before it left. What a shared block's gradient is (sum, mean, owner's only) is the binding's business.
 */
import type { Mode, Objective, Optimizer, Slots, TensorBatch } from '@ligature/core';
import type { Binding, Leaf } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { clipFactor, globalNorm } from './clip.js';

export interface StepOptions {
  readonly optimizer: Optimizer;
  /** Global norm to which gradients are clipped; `null`: not at all. */
  readonly clipNorm: number | null;
  /** A fresh seed for each dropout mask. */
  readonly dropoutSeed?: () => number;
}

/** Part of a step's batch: small enough for its activations to fit. */
export interface MicroBatch {
  readonly fields: TensorBatch;
  /** Its share of the targets that count in the step. */
  readonly weight: Scalar;
}

/** All inputs of a step; lists are in the order of `Binding.leaves` and `Binding.frozen`. */
export interface StepInputs {
  readonly leaves: readonly Tensor[];
  readonly frozen: readonly Tensor[];
  readonly slots: readonly Slots[];
  readonly batches: readonly MicroBatch[];
  /** Per leaf, because each has its own count of updates; equal numbers are one tensor. */
  readonly scalars: readonly Readonly<Record<string, Scalar>>[];
  /** Of all leaves. */
  readonly common: Readonly<Record<string, Scalar>>;
}

/** New tensors that the caller owns; the lists are in the order of the leaves. A type, because tf.tidy takes no interface. */
export type StepOutputs = {
  /** Where leaves share a storage, the last one's entry is the storage's new value. */
  readonly parameters: Tensor[];
  readonly slots: Record<string, Tensor>[];
  /** Shape [2]: mean loss before the update, global gradient norm before clipping. */
  readonly report: Tensor1D;
};

export type Step = (inputs: StepInputs) => StepOutputs;

/** Builds the step of one structure. It stays valid for every binding with the same key. */
export function createStep(objective: Objective, binding: Binding, options: StepOptions): Step {
  const { leaves } = binding;
  const { optimizer, clipNorm } = options;
  return (inputs) =>
    tf.tidy(() => {
      const [loss, ...gradients] = differentiate(objective, binding, inputs, options) as [
        Scalar,
        ...Tensor[],
      ];
      const groups = leaves.map(groupOf);
      const norm = globalNorm(gradients, groups);
      const clip = clipNorm === null ? tf.scalar(1) : clipFactor(norm, clipNorm);
      const shared = optimizer.shared?.(clip, inputs.common) ?? { clip, ...inputs.common };

      const current = new Map<string, Tensor>();
      const updated = leaves.map((leaf, index) => {
        const gradient = gradients[index] as Tensor;
        const next = optimizer.update({
          parameter: current.get(leaf.storage) ?? (inputs.leaves[index] as Tensor),
          gradient,
          slots: inputs.slots[index] as Slots,
          scalars: inputs.scalars[index] as Readonly<Record<string, Scalar>>,
          shared,
          spec: leaf.spec,
          group: groups[index] as string,
        });
        gradient.dispose();
        current.set(leaf.storage, next.parameter);
        return next;
      });
      return {
        parameters: updated.map(({ parameter }) => parameter),
        slots: updated.map(({ slots }) => ({ ...slots })),
        report: tf.stack([loss, norm]) as Tensor1D,
      };
    });
}

/** Leaves of one layer: their full names differ only in the part that the model gives. */
function groupOf({ name, spec }: Leaf): string {
  return name === spec.name ? name : name.slice(0, -spec.name.length);
}

/** Loss and gradients of the leaves, in this order: means over all targets of the step. */
function differentiate(
  objective: Objective,
  binding: Binding,
  inputs: StepInputs,
  options: StepOptions,
): Tensor[] {
  const { batches, leaves, frozen } = inputs;
  const mode: Mode = { training: true, ...(options.dropoutSeed ? { dropoutSeed: options.dropoutSeed } : {}) };
  const ofBatch = ({ fields }: MicroBatch): Tensor[] => {
    const lossOf = (...weights: Tensor[]): Scalar =>
      objective.loss(binding.view(weights, frozen), fields, mode);
    const { value, grads } = tf.valueAndGrads(lossOf)([...leaves]);
    return [value, ...grads];
  };
  const [first, ...others] = batches;
  if (!first) throw new RangeError('a step needs at least one batch');
  if (others.length === 0) return ofBatch(first);
  let sum = weigh(ofBatch(first), first.weight);
  for (const batch of others) sum = add(sum, weigh(ofBatch(batch), batch.weight));
  return sum;
}

// Each disposes what it replaces, so that no more than two sets of gradients exist at a time.
const weigh = (parts: readonly Tensor[], weight: Scalar): Tensor[] =>
  parts.map((part) => replace([part], () => tf.mul(part, weight)));
const add = (sums: readonly Tensor[], parts: readonly Tensor[]): Tensor[] =>
  sums.map((sum, index) => {
    const part = parts[index] as Tensor;
    return replace([sum, part], () => tf.add(sum, part));
  });

function replace(old: Tensor[], make: () => Tensor): Tensor {
  const made = make();
  tf.dispose(old);
  return made;
}
