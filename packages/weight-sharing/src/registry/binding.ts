/** What one step differentiates and reads: the plan's indices filled with the tensors of this moment. */
import * as tf from '@tensorflow/tfjs-core';
import { ContractError, type ParameterSpec, type ParameterView } from '@ligature/core';
import type { BindingPlan, LeafPlan, Reference } from './binding-plan.js';
import type { SlotState } from './tensor-store.js';

/** A weight that one step differentiates and updates. */
export interface Leaf {
  /** Key of its optimizer slots: the full name of the position that owns it. */
  readonly id: string;
  /** Full name of the storage that it reads and updates. Several leaves share one only under `official`. */
  readonly storage: string;
  /** Full file name of the owner position. */
  readonly name: string;
  readonly spec: ParameterSpec;
  /** What to differentiate by. Owned by the registry; valid until the leaf is updated or a decision is applied. */
  readonly tensor: tf.Tensor;
  /** Positions that read the storage. */
  readonly uses: number;
  /** What the learning rate of its updates is to be multiplied by: 1 where one layer uses it (`stepSize` of the options). */
  readonly stepFactor: number;
  /** What the optimizer keeps of it, absent before the first update. */
  readonly state?: SlotState;
}

/** Inputs of a pure training step. Make a new one for every step; equal keys mean equal structure. */
export interface Binding {
  readonly key: string;
  readonly leaves: readonly Leaf[];
  /** Read without a gradient: constants of the step, made outside of any gradient tape. */
  readonly frozen: readonly tf.Tensor[];
  /**
   * The weights as the model sees them, over any tensors in the order of `leaves` and `frozen`.
   * @throws ContractError (`binding-mismatch`) when their numbers differ.
   */
  view(leaves: readonly tf.Tensor[], frozen: readonly tf.Tensor[]): ParameterView;
}

/** Passes the value through and one `uses`-th of the gradient: the sum over all uses is then their mean. */
function shareOfGradient(weight: tf.Tensor, uses: number): tf.Tensor {
  const op = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, 1 / uses),
  }));
  return op(weight);
}

/** @param mean whether the gradient of a shared leaf is the mean over its uses instead of their sum */
export function bindingView(
  plan: BindingPlan,
  mean: boolean,
  leaves: readonly tf.Tensor[],
  frozen: readonly tf.Tensor[],
): ParameterView {
  if (leaves.length !== plan.leaves.length || frozen.length !== plan.frozen.length) {
    throw new ContractError('binding-mismatch', {
      asked: `View a binding over ${leaves.length} leaves and ${frozen.length} frozen tensors`,
      found: `it has ${plan.leaves.length} leaves and ${plan.frozen.length} frozen tensors`,
      todo: 'Give the tensors of this binding, in its order',
    });
  }
  const resolve = (reference: Reference | undefined, what: string): tf.Tensor => {
    if (!reference) throw unknownParameter(what);
    if (reference.list === 'frozen') return frozen[reference.index] as tf.Tensor;
    const leaf = leaves[reference.index] as tf.Tensor;
    const { uses } = plan.leaves[reference.index] as LeafPlan;
    return mean && uses > 1 ? shareOfGradient(leaf, uses) : leaf;
  };
  return {
    global: (name) => resolve(plan.globals.get(name), name),
    block: (layer, name) => resolve(plan.layered.get(name)?.[layer], `${name} of layer ${layer}`),
  };
}

export function unknownParameter(name: string): ContractError {
  return new ContractError('parameter-unknown', {
    asked: `Read the parameter "${name}"`,
    found: 'the model declares no such parameter',
    todo: "List it in the model's `parameters`",
  });
}
