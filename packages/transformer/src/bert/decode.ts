/** A causal BERT as the decoder reads it: all tokens are of segment 0. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import { cachedDecoder } from '../cached-decoder.js';
import { stackReader } from '../cached-stack.js';
import { bertEmbeddings, bertTokenEmbedding } from './embeddings.js';
import { bertLayer } from './layer.js';
import type { ResolvedBertConfig } from './options.js';

/** @param head one that gives every position outputs, such as `causal-lm` */
export function bertDecoder(config: ResolvedBertConfig, view: ParameterView, head: Head): Decoder {
  const stack = {
    ...config,
    ...{ keyValueHeads: config.heads, headSize: config.width / config.heads },
    layer: (index: number) => bertLayer(config, view, index),
    embedded: (ids: Tensor2D) => bertEmbeddings(config, view, ids),
    embeddedToken: (id: Tensor1D, position: Tensor1D) => bertTokenEmbedding(config, view, id, position),
    states: (x: Tensor2D) => x,
  };
  return cachedDecoder(stackReader(stack, view, head));
}
