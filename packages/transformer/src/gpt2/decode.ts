/** What GPT-2 does with a prompt and with one token more. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import {
  boundary,
  cachedAttention,
  embedding,
  filledCache,
  projectedOutputs,
  selfAttention,
  stepPlace,
} from '@ligature/nn';
import type { KeyValues } from '@ligature/nn';
import { cachedDecoder } from '../cached-decoder.js';
import type { Prompt, Read, Token } from '../cached-decoder.js';
import type { ResolvedGpt2Config } from './options.js';
import { finalNorm, gpt2Layer } from './layer.js';

interface Parts {
  readonly config: ResolvedGpt2Config;
  readonly view: ParameterView;
  readonly head: Head;
}

/** @param head one that gives every position outputs, such as `causal-lm` */
export function gpt2Decoder(config: ResolvedGpt2Config, view: ParameterView, head: Head): Decoder {
  const parts = { config, view, head };
  return cachedDecoder({
    context: config.context,
    prompt: (prompt) => promptRead(parts, prompt),
    token: (token) => tokenRead(parts, token),
  });
}

/** ids [1, time], of which the tokens up to place `last` [1] count. */
function promptRead(parts: Parts, { ids, last }: Prompt): Read {
  const { config, view } = parts;
  const { heads, width, context } = config;
  const time = ids.shape[1];
  const shape = { batch: 1, time, heads, size: width / heads };
  const { table, positions } = embeddings(view);
  const { x, caches } = stack(config, view, embedding(table, positions, ids), (_, qkv) => ({
    ...filledCache(qkv, heads, context),
    mixed: selfAttention(qkv, shape, { mask: 'causal' }),
  }));
  return { logits: logitsOf(parts, tf.gather(x, last)), caches };
}

/** id [1] at position [1] */
function tokenRead(parts: Parts, { id, position, caches }: Token): Read {
  const { config, view } = parts;
  const place = stepPlace(position, config.heads, config.context);
  const { table, positions } = embeddings(view);
  const embedded: Tensor2D = tf.add(tf.gather(table, id), tf.gather(positions, position)); // [1, width]
  const read = stack(config, view, embedded, (layer, qkv) => cachedAttention(qkv, caches[layer]!, place));
  return { logits: logitsOf(parts, read.x), caches: read.caches };
}

/** All layers: x [time, width] -> [time, width], and what each layer keeps. */
function stack(
  config: ResolvedGpt2Config,
  view: ParameterView,
  embedded: Tensor2D,
  attend: (layer: number, qkv: Tensor2D) => KeyValues & { readonly mixed: Tensor2D },
): { x: Tensor2D; caches: KeyValues[] } {
  let x = embedded;
  const caches: KeyValues[] = [];
  for (let layer = 0; layer < config.layers; layer += 1) {
    x = boundary(x);
    const block = tf.tidy(() => {
      const part = gpt2Layer(config, view, layer);
      const { mixed, ...cache } = attend(layer, part.packed(x));
      return { x: part.transformed(part.attended(x, mixed)), cache };
    });
    x = block.x;
    caches.push(block.cache);
  }
  return { x: boundary(x), caches };
}

/** x [1, width] -> [vocabulary] */
function logitsOf({ config, view, head }: Parts, x: Tensor2D): Tensor1D {
  const states = { rows: finalNorm(config, view, x), batch: 1, time: 1 };
  const logits = projectedOutputs(head.project(view, states, {}, { training: false }));
  return tf.reshape(logits, [head.outputs]); // [1, vocabulary] -> [vocabulary]
}

const embeddings = (view: ParameterView): { table: Tensor2D; positions: Tensor2D } => ({
  table: view.global('transformer.wte.weight') as Tensor2D, // [vocabulary, width]
  positions: view.global('transformer.wpe.weight') as Tensor2D, // [context, width]
});
