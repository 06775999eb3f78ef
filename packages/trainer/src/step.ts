/**
 * One optimizer step as a pure function: (parameters, frozen weights, moments, batches, scalars) in, (parameters,
 * moments, report) out. It reads nothing back and holds nothing that changes from step to step, so a backend may
 * compile it once for each structure of tying (`Binding.key`).
 *
 * Several leaves may stand for one storage (the official profile): each has a gradient and moments of its own,
 * all gradients are taken at the weights before the step, and the updates follow in index order, each on what the
 * one before it left. What a shared block's gradient is (sum, mean, owner's only) is the binding's business.
 */
import type { Mode, Model } from '@ligature/core';
import type { Binding, Leaf } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { adamW, decays } from './adamw.js';
import type { AdamWOptions } from './adamw.js';
import { clipFactor, globalNorm } from './clip.js';

export interface StepOptions {
  readonly adamW: AdamWOptions;
  /** Global norm to which gradients are clipped; `null`: not at all. */
  readonly clipNorm: number | null;
  /** A fresh seed for each dropout mask. */
  readonly dropoutSeed?: () => number;
}

/** Part of a step's batch: small enough for its activations to fit. */
export interface MicroBatch {
  /** [rows, context] int32. */
  readonly inputs: Tensor2D;
  /** [rows, context] int32. */
  readonly labels: Tensor2D;
  /** Its share of the step's tokens. */
  readonly weight: Scalar;
}

/** All inputs of a step; lists are in the order of `Binding.leaves` and `Binding.frozen`. */
export interface StepInputs {
  readonly leaves: readonly Tensor[];
  readonly frozen: readonly Tensor[];
  readonly m: readonly Tensor[];
  readonly v: readonly Tensor[];
  readonly batches: readonly MicroBatch[];
  /** 1 - lr wd. */
  readonly keep: Scalar;
  /** Per leaf, because each has its own count of updates; equal ones may be one tensor. */
  readonly stepSizes: readonly Scalar[];
  readonly epsilons: readonly Scalar[];
}

/** New tensors that the caller owns; the lists are in the order of the leaves. A type, because tf.tidy takes no interface. */
export type StepOutputs = {
  /** Where leaves share a storage, the last one's entry is the storage's new value. */
  readonly parameters: Tensor[];
  readonly m: Tensor[];
  readonly v: Tensor[];
  /** Shape [2]: mean loss in nats before the update, global gradient norm before clipping. */
  readonly report: Tensor1D;
};

export type Step = (inputs: StepInputs) => StepOutputs;

/** Builds the step of one structure. It stays valid for every binding with the same key. */
export function createStep(model: Model, binding: Binding, options: StepOptions): Step {
  const { leaves } = binding;
  const constants = options.adamW;
  return (inputs) =>
    tf.tidy(() => {
      const [loss, ...gradients] = differentiate(model, binding, inputs, options) as [Scalar, ...Tensor[]];
      const groups = leaves.map(groupOf);
      const norm = globalNorm(gradients, groups);
      const clip = options.clipNorm === null ? tf.scalar(1) : clipFactor(norm, options.clipNorm);
      const meanWeight = tf.mul(1 - constants.beta1, clip) as Scalar;
      const squareWeight = tf.mul(1 - constants.beta2, tf.square(clip)) as Scalar;

      const current = new Map<string, Tensor>();
      const updated = leaves.map((leaf, index) => {
        const gradient = gradients[index] as Tensor;
        const state = {
          parameter: current.get(leaf.storage) ?? (inputs.leaves[index] as Tensor),
          m: inputs.m[index] as Tensor,
          v: inputs.v[index] as Tensor,
        };
        const scalars = {
          stepSize: inputs.stepSizes[index] as Scalar,
          epsilon: inputs.epsilons[index] as Scalar,
          meanWeight,
          squareWeight,
          ...(decays(leaf.spec.shape, constants) ? { keep: inputs.keep } : {}),
        };
        const next = adamW(state, gradient, scalars, constants, groups[index]);
        gradient.dispose();
        current.set(leaf.storage, next.parameter);
        return next;
      });
      return {
        parameters: updated.map(({ parameter }) => parameter),
        m: updated.map(({ m }) => m),
        v: updated.map(({ v }) => v),
        report: tf.stack([loss, norm]) as Tensor1D,
      };
    });
}

/** Leaves of one layer: their full names differ only in the part that the model gives. */
function groupOf({ name, spec }: Leaf): string {
  return name === spec.name ? name : name.slice(0, -spec.name.length);
}

/** Loss and gradients of the leaves, in this order: means over all tokens of the step. */
function differentiate(model: Model, binding: Binding, inputs: StepInputs, options: StepOptions): Tensor[] {
  const { batches, leaves, frozen } = inputs;
  const mode: Mode = { training: true, ...(options.dropoutSeed ? { dropoutSeed: options.dropoutSeed } : {}) };
  const ofBatch = ({ inputs: ids, labels }: MicroBatch): Tensor[] => {
    const lossOf = (...weights: Tensor[]): Scalar =>
      model.loss(binding.view(weights, frozen), ids, labels, mode);
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
