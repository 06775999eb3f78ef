/** GPT-2 as the decoder reads it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import { embedding } from '@ligature/nn';
import { cachedDecoder } from '../cached-decoder.js';
import { stackReader } from '../cached-stack.js';
import type { ResolvedGpt2Config } from './options.js';
import { finalNorm, gpt2Layer } from './layer.js';

/** @param head one that gives every position outputs, such as `causal-lm` */
export function gpt2Decoder(config: ResolvedGpt2Config, view: ParameterView, head: Head): Decoder {
  const table = (name: 'wte' | 'wpe'): Tensor2D => view.global(`transformer.${name}.weight`) as Tensor2D;
  const stack = {
    ...config,
    ...{ keyValueHeads: config.heads, headSize: config.width / config.heads },
    layer: (index: number) => gpt2Layer(config, view, index),
    embedded: (ids: Tensor2D) => embedding(table('wte'), table('wpe'), ids),
    embeddedToken: (id: tf.Tensor1D, position: tf.Tensor1D): Tensor2D =>
      tf.add(tf.gather(table('wte'), id), tf.gather(table('wpe'), position)), // [1, width]
    states: (x: Tensor2D) => finalNorm(config, view, x),
  };
  return cachedDecoder(stackReader(stack, view, head));
}
