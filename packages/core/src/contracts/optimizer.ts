import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from './model.js';

/** State of one parameter, by slot name: tensors of the parameter's shape. */
export type Slots<T = Tensor> = Readonly<Record<string, T>>;

/** What one update of one parameter is given. */
export interface UpdateInput {
  readonly parameter: Tensor;
  /** Not clipped: multiply by `clip`. */
  readonly gradient: Tensor;
  /** Zeros before the first update. */
  readonly slots: Slots;
  /** What `scalars` said, as tensors. */
  readonly scalars: Readonly<Record<string, Scalar>>;
  /** What `shared` made of this step's clip factor and common numbers. */
  readonly shared: Readonly<Record<string, Scalar>>;
  readonly spec: ParameterSpec;
  /** Parameters of one group may be updated by one compiled graph. */
  readonly group?: string;
}

export interface UpdateOutput {
  readonly parameter: Tensor;
  /** As many as went in. */
  readonly slots: Slots;
}

/**
 * An update rule as a pure function over explicit state, so that a backend may compile it once. What changes from step to
 * step comes in as scalars; the constants of the rule are part of the program. Clipping and the learning rate's schedule
 * are links before it, not parts of it.
 */
export interface Optimizer {
  readonly name: string;
  /** Slots of a parameter, in the order in which checkpoints hold them; the same for the whole run. */
  slots(spec: ParameterSpec): readonly string[];
  /**
   * Numbers of a parameter's `count`-th update (from 1). The count is the parameter's own: one whose slots were reset
   * starts again. So is the learning rate: that of a block that several layers use is smaller (`tying.stepSize`).
   */
  scalars(learningRate: number, count: number, spec: ParameterSpec): Readonly<Record<string, number>>;
  /**
   * Numbers of a step that are the same for all parameters, whatever their counts and their uses: the learning rate is
   * the step's. Decoupled weight decay belongs here, so that no block decays less for being shared. In a step that a backend compiles they
   * go in once, those of `scalars` once for each parameter. Left out: none.
   */
  common?(learningRate: number): Readonly<Record<string, number>>;
  /**
   * Made once a step for all parameters, from the clip factor, which gradients are to be multiplied by, and from what
   * `common` said, as tensors. Left out: `{ clip, ...common }`.
   */
  shared?(clip: Scalar, common: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>>;
  /** Pure: inputs stay as they are, outputs are new tensors that the caller owns. */
  update(input: UpdateInput): UpdateOutput;
}
