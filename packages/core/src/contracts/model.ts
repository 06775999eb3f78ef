import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { BatchShape, TensorBatch } from './batch.js';
import type { WeightsFile } from './weights.js';

export type Initializer =
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** The parts of a block that can be tied on their own. A model names its own; these are GPT-2's. */
export type Component = 'attention' | 'mlp' | 'norms' | (string & {});

/**
 * How a weight is shared. `global`: it exists once. `block`: every layer has one of this shape, and layers may share it.
 * `position`: every layer has one of its own that is never tied, whatever the map says.
 */
export type Sharing = 'global' | 'block' | 'position';

/** A named weight: all that an owner of weights has to know of it. */
export interface ParameterSpec {
  /** Global: the full name, `transformer.wte.weight`. Otherwise the name inside the layer, `attn.c_attn.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Of a matrix that is multiplied with: what its first axis counts. Left out: `inputs`, [in, out]. */
  readonly rows?: 'inputs' | 'outputs';
  readonly initializer: Initializer;
  readonly sharing: Sharing;
  /** Of `block` ones: the part of the block that it belongs to. */
  readonly component?: Component;
  /** `false`: it is read and never changed. Left out: it trains. */
  readonly trainable?: boolean;
  /** Whether weight decay applies to it; left out: as the optimizer's own rule says. */
  readonly decay?: boolean;
}

/** What the forward pass sees of the weights. The registry builds it and resolves the tie map. */
export interface ParameterView {
  /** The tensor of a global parameter. */
  global(name: string): Tensor;
  /** The tensor that `layer` uses for parameter `name`: its own or that of the block it is tied to. */
  block(layer: number, name: string): Tensor;
}

export interface Mode {
  readonly training: boolean;
  /** A fresh seed for each dropout mask, from the run's `dropout` stream. Needed only when dropout > 0. */
  readonly dropoutSeed?: () => number;
}

/** Which weights there are, by layer and name: all that a registry knows of a model. */
export interface Stack {
  readonly name: string;
  readonly layers: number;
  readonly parameters: readonly ParameterSpec[];
  /** Full name of a parameter of one layer, as in files: (3, `ln_1.weight`) -> `transformer.h.3.ln_1.weight`. */
  blockParameterName(layer: number, name: string): string;
  /**
   * Weights of a file by the names of this stack, where files of other makers spell them in other ways: without what is no
   * parameter (masks, a tied weight once more). A file with the stack's own names comes back as it is.
   *
   * @throws InputError for weights of another model
   */
  fromPublished?(file: WeightsFile): WeightsFile;
}

/** What a head is for. A task asks for one by kind, an architecture offers those that it has. */
export type HeadKind =
  | 'causal-lm'
  | 'masked-lm'
  | 'sequence-classification'
  | 'token-span'
  | 'image-classification'
  | (string & {});

export interface HeadSpec {
  readonly kind: HeadKind;
  /** Numbers that it gives for each target: classes, the vocabulary, 1 for a regression. */
  readonly outputs: number;
}

/** What leaves a model: one row for each position, so that a product with a weight is one large matrix product. */
export interface States {
  /** [batch * time, width] */
  readonly rows: Tensor2D;
  readonly batch: number;
  readonly time: number;
}

/**
 * The last product before a loss, not yet taken: `features weightᵀ + bias`. A loss that is fused with it never holds all
 * of its outputs at once.
 */
export interface Projection {
  /** [targets, width] */
  readonly features: Tensor2D;
  /** [outputs, width] */
  readonly weight: Tensor2D;
  /** [outputs] */
  readonly bias?: Tensor1D;
}

/** From states to the outputs that a task asks for, in the architecture's own convention (last token, class token, …). */
export interface Head {
  readonly outputs: number;
  /** Whether a training pass through it draws random numbers; left out: no. */
  readonly stochastic?: boolean;
  /** Weights of its own, all `global`; none where it uses those of the model. */
  readonly parameters: readonly ParameterSpec[];
  project(view: ParameterView, states: States, batch: TensorBatch, mode: Mode): Projection;
  cost(shape: BatchShape): HeadCost;
}

/**
 * An architecture: a pure function from named inputs to states. It owns no weight, keeps no state and knows no task, so a
 * registry may tie any of its layers and a backend may compile a whole step.
 */
export interface Model extends Stack {
  /** Of its states. */
  readonly width: number;
  /** Longest sequence in positions; left out: any. */
  readonly context?: number;
  /** Whether a training pass draws random numbers (dropout): such a step must not be replayed. */
  readonly stochastic: boolean;
  /** The heads that it has, by kind. */
  readonly heads: Readonly<Partial<Record<HeadKind, (outputs: number) => Head>>>;
  /** @throws InputError for a batch that it cannot read: a field that is missing, a sequence that is too long */
  encode(view: ParameterView, batch: TensorBatch, mode: Mode): States;
  /**
   * Without dropout, for measuring how alike layers are -> for each layer what leaves it, [batch * time, width] float32,
   * all of one shape. The caller disposes them. Without it `hidden-cka` is refused.
   */
  hidden?(view: ParameterView, batch: TensorBatch): Tensor2D[];
  /** For generation: keeps what the tokens before left. Without it every token runs the whole sequence again. */
  decoder?(view: ParameterView, head: Head): Decoder;
  /** Floating-point operations and activation bytes of one batch, by part; without its head. */
  cost(shape: BatchShape): ModelCost;
}

/**
 * Reads one sequence piece by piece, without dropout. Every answer equals the last row of outputs of all tokens read, up
 * to rounding; it belongs to the caller. The weights of the view must stay as they are until `dispose`.
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
  /**
   * Forward operations of the products with each weight, by the parameter's name: of a `block` or `position` parameter
   * those of one layer, of a `global` one all of them. A weight without an entry costs none. Its gradient costs as much
   * again.
   */
  readonly weightFlops: Readonly<Record<string, number>>;
  /** Forward operations of one layer's products between activations (attention scores and mixing). */
  readonly layerActivationFlops: number;
  /** Bytes of the activations that one layer keeps for the backward pass. */
  readonly layerActivationBytes: number;
  /** The same for everything outside the layers. */
  readonly globalActivationBytes: number;
}

/** What a head adds to that. */
export interface HeadCost {
  /** Forward operations of its products, by the weight's full name, those of the model that it uses included. */
  readonly weightFlops: Readonly<Record<string, number>>;
  readonly activationBytes: number;
}

/** What a model must be made for: facts of the data, such as `vocabularySize`, `imageSize`, `features`. */
export type ModelInputs = Readonly<Record<string, number>>;
