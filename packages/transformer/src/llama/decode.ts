/** What LLaMA does with a prompt and with one token more. Keys are kept turned, so that they are turned once. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import {
  boundary,
  cachedAttention,
  filledCache,
  projectedOutputs,
  selfAttention,
  stepPlace,
} from '@ligature/nn';
import type { KeyValues, QueriesKeysValues } from '@ligature/nn';
import { cachedDecoder } from '../cached-decoder.js';
import type { Prompt, Read, Token } from '../cached-decoder.js';
import { anglesOf } from './forward.js';
import { finalNorm, llamaLayer } from './layer.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING } from './parameters.js';

interface Parts {
  readonly config: ResolvedLlamaConfig;
  readonly view: ParameterView;
  readonly head: Head;
}

/** @param head one that gives every position outputs, such as `causal-lm` */
export function llamaDecoder(config: ResolvedLlamaConfig, view: ParameterView, head: Head): Decoder {
  const parts = { config, view, head };
  return cachedDecoder({
    context: config.context,
    prompt: (prompt) => promptRead(parts, prompt),
    token: (token) => tokenRead(parts, token),
  });
}

function promptRead(parts: Parts, { ids, last }: Prompt): Read {
  const { config, view } = parts;
  const { heads, keyValueHeads, headSize, context } = config;
  const time = ids.shape[1] as number;
  const shape = { batch: 1, time, heads, keyValueHeads, size: headSize };
  const rotary = anglesOf(config, time);
  const embedded = tf.gather(view.global(EMBEDDING) as Tensor2D, tf.reshape(ids, [time])); // [1, time] -> [time]
  const { x, caches } = stack(config, view, embedded, (_, offered) => ({
    ...filledCache(offered, keyValueHeads, context, rotary),
    mixed: selfAttention(offered, shape, { mask: 'causal', rotary }),
  }));
  return { logits: logitsOf(parts, tf.gather(x, last)), caches };
}

function tokenRead(parts: Parts, { id, position, caches }: Token): Read {
  const { config, view } = parts;
  const place = stepPlace(position, config.keyValueHeads, config.context);
  const { cos, sin } = anglesOf(config, config.context);
  const rotary = { cos: tf.gather(cos, position), sin: tf.gather(sin, position) }; // [1, headSize / 2]
  const embedded: Tensor2D = tf.gather(view.global(EMBEDDING) as Tensor2D, id); // [1, width]
  const read = stack(config, view, embedded, (layer, offered) =>
    cachedAttention(offered, caches[layer]!, place, rotary),
  );
  return { logits: logitsOf(parts, read.x), caches: read.caches };
}

/** All layers: x [time, width] -> [time, width], and what each layer keeps. */
function stack(
  config: ResolvedLlamaConfig,
  view: ParameterView,
  embedded: Tensor2D,
  attend: (layer: number, offered: QueriesKeysValues) => KeyValues & { readonly mixed: Tensor2D },
): { x: Tensor2D; caches: KeyValues[] } {
  let x = embedded;
  const caches: KeyValues[] = [];
  for (let index = 0; index < config.layers; index += 1) {
    x = boundary(x);
    const block = tf.tidy(() => {
      const layer = llamaLayer(config, view, index);
      const { mixed, ...cache } = attend(index, layer.offered(x));
      return { x: layer.transformed(layer.attended(x, mixed)), cache };
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
