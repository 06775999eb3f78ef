import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

export type Initializer =
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** The parts of a block that can be tied on their own. A model names its own; these are GPT-2's. */
export type Component = 'attention' | 'mlp' | 'norms' | (string & {});

/** A named weight. Global ones exist once; block ones exist in every layer, with equal shapes. */
export interface ParameterSpec {
  /** Global: the full name, `transformer.wte.weight`. Block: the name inside the block, `attn.c_attn.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly scope: 'global' | 'block';
  /** Block parameters only: the part of the block that it belongs to. */
  readonly component?: Component;
}

/** What the forward pass sees of the weights. The registry builds it and resolves the tie map. */
export interface ParameterView {
  /** The tensor of a global parameter. */
  global(name: string): Tensor;
  /** The tensor that `layer` uses for block parameter `name`: its own or that of the block it is tied to. */
  block(layer: number, name: string): Tensor;
}

export interface Mode {
  readonly training: boolean;
  /** A fresh seed for each dropout mask, from the run's `dropout` stream. Needed only when dropout > 0. */
  readonly dropoutSeed?: () => number;
}

/**
 * A pure function over named parameters: it owns no weight and keeps no state, so a registry may tie
 * any of its layers and a backend may compile a whole step.
 */
export interface Model {
  readonly name: string;
  readonly layers: number;
  /** Longest sequence in tokens. */
  readonly context: number;
  readonly vocabularySize: number;
  readonly parameters: readonly ParameterSpec[];
  /** Full name of a parameter of one layer, as in files: (3, `ln_1.weight`) -> `transformer.h.3.ln_1.weight`. */
  blockParameterName(layer: number, name: string): string;
  /** inputs [batch, time] int32 -> logits [batch, time, vocabulary] float32. */
  logits(view: ParameterView, inputs: Tensor2D, mode: Mode): Tensor3D;
  /** Mean cross-entropy in nats over all positions; inputs and labels [batch, time] int32. */
  loss(view: ParameterView, inputs: Tensor2D, labels: Tensor2D, mode: Mode): Scalar;
  /**
   * Without dropout, for evaluation; inputs and labels [batch, time] int32 -> [2, batch * time] float32: the
   * cross-entropy of each position in nats, and 1 where the label is the most likely token (the lowest id of equals),
   * else 0. A model that has it never holds all logits at once; without it they are scored from `logits`.
   */
  scores?(view: ParameterView, inputs: Tensor2D, labels: Tensor2D): Tensor2D;
  /**
   * Without dropout, for measuring how alike layers are; inputs [batch, time] int32 -> for each layer what leaves it,
   * [batch * time, width] float32, all of one shape. The caller disposes them. Without it `hidden-cka` is refused.
   */
  hidden?(view: ParameterView, inputs: Tensor2D): Tensor2D[];
  /** For generation: keeps what the tokens before left. Without it every token runs the whole sequence again. */
  decoder?(view: ParameterView): Decoder;
  /** Floating-point operations and activation bytes of one batch, by part. */
  cost(batch: number, time: number): ModelCost;
}

/**
 * Reads one sequence piece by piece, without dropout. Every answer equals the last row of `logits` of all tokens read,
 * up to rounding; it belongs to the caller. The weights of the view must stay as they are until `dispose`.
 */
export interface Decoder {
  /** Tokens read since the last `prefill`, at most the model's context. */
  readonly length: number;
  /** Forgets everything and reads 1 to `context` tokens -> logits of the next one, [vocabulary] float32. */
  prefill(tokens: ArrayLike<number>): Tensor1D;
  /**
   * Reads one token more -> logits of the next one, [vocabulary] float32.
   * @throws ContractError (`decoder-not-ready`) before `prefill`, or when the context is full
   */
  step(token: number): Tensor1D;
  /** Frees what it keeps. A `prefill` after it starts anew, with the weights as they are then. */
  dispose(): void;
}

/** Counts for one batch. A multiply-add is two operations; only matrix products are counted. */
export interface ModelCost {
  /** Forward operations of one layer's products with weights (their weight gradient costs as much again). */
  readonly layerWeightFlops: number;
  /** The same, by component: sums to layerWeightFlops. */
  readonly componentWeightFlops: Readonly<Record<Component, number>>;
  /** Forward operations of one layer's products between activations (attention scores and mixing). */
  readonly layerActivationFlops: number;
  /** Forward operations outside the layers (the output head). */
  readonly globalFlops: number;
  /** Bytes of the activations that one layer keeps for the backward pass. */
  readonly layerActivationBytes: number;
  /** The same for everything outside the layers. */
  readonly globalActivationBytes: number;
}

export interface ModelContext {
  readonly vocabularySize: number;
}
