/** LLaMA as the decoder reads it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import { cachedDecoder } from '../cached-decoder.js';
import { stackReader, type CachedStack } from '../cached-stack.js';
import { anglesOf } from './forward.js';
import { finalNorm, llamaLayer } from './layer.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING } from './parameters.js';

/** @param head one that gives every position outputs, such as `causal-lm` */
export function llamaDecoder(config: ResolvedLlamaConfig, view: ParameterView, head: Head): Decoder {
  const table = (): Tensor2D => view.global(EMBEDDING) as Tensor2D;
  const stack: CachedStack = {
    ...config,
    angles: (positions) => anglesOf(config, positions),
    layer: (index) => llamaLayer(config, view, index),
    embedded: (ids) => tf.gather(table(), tf.reshape(ids, [ids.shape[1]])), // [1, time] -> [time]
    embeddedToken: (id) => tf.gather(table(), id), // [1, width]
    states: (x) => finalNorm(config, view, x),
  };
  return cachedDecoder(stackReader(stack, view, head));
}
