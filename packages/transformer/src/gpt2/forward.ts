/**
 * The forward pass of GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks, final norm, head tied to
 * the token embedding. Everything between the embedding and the head is two-dimensional, [batch * time, width],
 * so that each product with a weight is one large matrix product.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ContractError, InputError } from '@ligature/core';
import type { Mode, ParameterView } from '@ligature/core';
import { causalMask, causalSelfAttention } from '../ops/attention.js';
import { boundary } from '../ops/boundary.js';
import { linearCrossEntropy } from '../ops/cross-entropy.js';
import { dropoutOf } from '../ops/dropout.js';
import type { Dropout } from '../ops/dropout.js';
import { embedding } from '../ops/embedding.js';
import { gelu } from '../ops/gelu.js';
import { labelScores } from '../ops/label-scores.js';
import { layerNorm } from '../ops/layer-norm.js';
import { linear, residual } from '../ops/linear.js';
import type { ResolvedGpt2Config } from '../options.js';

/** inputs [batch, time] int32 -> logits [batch * time, vocabulary]. */
export function gpt2Logits(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode,
): Tensor2D {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return tf.matMul(gpt2Hidden(config, view, inputs, mode), table, false, true);
}

/** inputs [batch, time] and labels [batch * time], both int32 -> mean cross-entropy in nats. */
export function gpt2Loss(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor1D,
  mode: Mode,
): Scalar {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return linearCrossEntropy(gpt2Hidden(config, view, inputs, mode), table, labels);
}

/** inputs [batch, time] and labels [batch * time], both int32 -> see `Model.scores`, [2, batch * time]. */
export function gpt2Scores(
  config: ResolvedGpt2Config,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor1D,
): Tensor2D {
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  return labelScores(gpt2Hidden(config, view, inputs, { training: false }), table, labels);
}

/** inputs [batch, time] int32 -> what the head reads, [batch * time, width]. */
function gpt2Hidden(config: ResolvedGpt2Config, view: ParameterView, inputs: Tensor2D, mode: Mode): Tensor2D {
  const [batch, time] = inputs.shape;
  const { width, layers, layerNormEpsilon } = config;
  assertTime(time, config.context);
  const dropout = dropoutFor(config.dropout, mode);
  const mask = causalMask(time);
  const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
  const positions = view.global('transformer.wpe.weight') as Tensor2D; // [context, width]
  let x = dropoutOf(embedding(table, positions, inputs), dropout);
  for (let layer = 0; layer < layers; layer += 1) {
    const weight = (name: string): Tensor => view.block(layer, name);
    const affine = (input: Tensor2D, name: string): Tensor2D =>
      linear(input, weight(`${name}.weight`) as Tensor2D, weight(`${name}.bias`) as Tensor1D);
    x = boundary(x);
    // One scope for each layer: what its gradient does not keep is freed before the next one starts.
    x = tf.tidy(() => {
      const normal = norm(x, weight, 'ln_1', layerNormEpsilon);
      const qkv = affine(normal, 'attn.c_attn'); // [.., 3 * width]
      const shape = { batch, time, heads: config.heads, size: width / config.heads };
      const mixed = causalSelfAttention(qkv, mask, shape, dropout); // [.., width]
      const attended = affine(mixed, 'attn.c_proj');
      return residual(x, dropoutOf(attended, dropout));
    });
    x = tf.tidy(() => {
      const normal = norm(x, weight, 'ln_2', layerNormEpsilon);
      const inner = affine(normal, 'mlp.c_fc'); // [.., 4 * width]
      const active = gelu(inner, config.activation);
      const output = affine(active, 'mlp.c_proj'); // [.., width]
      return residual(x, dropoutOf(output, dropout));
    });
  }
  x = boundary(x);
  return norm(x, (name) => view.global(`transformer.${name}`), 'ln_f', layerNormEpsilon);
}

function norm(x: Tensor2D, weight: (name: string) => Tensor, name: string, epsilon: number): Tensor2D {
  return layerNorm(x, weight(`${name}.weight`) as Tensor1D, weight(`${name}.bias`) as Tensor1D, epsilon);
}

function dropoutFor(rate: number, mode: Mode): Dropout | undefined {
  if (!mode.training || rate === 0) return undefined;
  if (!mode.dropoutSeed) {
    throw new ContractError('dropout-seed-missing', {
      asked: `Train with dropout ${rate}`,
      found: 'the mode has no dropoutSeed',
      todo: 'Give the forward pass seeds from the dropout stream',
    });
  }
  return { rate, seed: mode.dropoutSeed };
}

function assertTime(time: number, context: number): void {
  if (time >= 1 && time <= context) return;
  throw new InputError('sequence-length-invalid', {
    asked: `Run a sequence of ${time} tokens`,
    found: `the model has ${context} positions`,
    todo: `Give it between 1 and ${context} tokens`,
  });
}
