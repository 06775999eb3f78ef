import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { BatchShape, TensorBatch } from './batch.js';
import type { Mode, ModelCost, ParameterSpec, ParameterView, Stack } from './model.js';

/**
 * Model, head and task in one, adapters around them: all that training, evaluation and the registry see. Pure, like the
 * model in it.
 */
export interface Objective extends Stack {
  /** Whether a training pass draws random numbers: such a step must not be replayed. */
  readonly stochastic: boolean;
  /** Names of the rows of `score`; the first one is the loss of each target. */
  readonly scores: readonly string[];
  /** Mean loss over the targets that count. */
  loss(view: ParameterView, batch: TensorBatch, mode: Mode): Scalar;
  /** Without dropout -> [scores, targets] float32: one row for each of `scores`, 0 where a target does not count. */
  score(view: ParameterView, batch: TensorBatch): Tensor2D;
  /** What leaves each layer, see `Model.hidden`. */
  hidden?(view: ParameterView, batch: TensorBatch): Tensor2D[];
  /** Head and adapters included. */
  cost(shape: BatchShape): ModelCost;
}

/**
 * Changes what a model reads of its weights, and adds weights of its own: LoRA reads `W + s B A` where the model asks for
 * `W`. It never sees tie maps; the registry resolves them beneath it.
 */
export interface Adapter {
  readonly name: string;
  /**
   * Pure; made once for an objective.
   *
   * @param specs the parameters of what it wraps
   * @throws InputError where it finds nothing that it could adapt
   */
  wrap(specs: readonly ParameterSpec[]): AdaptedWeights;
}

/** What an adapter makes of the parameters that it was given. */
export interface AdaptedWeights {
  /** With its own added, and the others frozen where only its own are to train. */
  readonly parameters: readonly ParameterSpec[];
  /** @param inner sees `parameters` -> what the wrapped model sees */
  view(inner: ParameterView): ParameterView;
  /** What it adds to the counts; left out: nothing. */
  cost?(cost: ModelCost, shape: BatchShape): ModelCost;
}
