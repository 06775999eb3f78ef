/** A causal stack that reads prompts and tokens over key-value caches. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, ParameterView } from '@ligature/core';
import {
  boundary,
  cachedAttention,
  filledCache,
  projectedOutputs,
  selfAttention,
  stepPlace,
} from '@ligature/nn';
import type { AttentionInput, KeyValues, RotaryTables } from '@ligature/nn';
import type { Prompt, Read, Reader, Token } from './cached-decoder.js';
import type { Layer } from './layer.js';

export interface CachedStack {
  readonly layers: number;
  /** Of the queries. */
  readonly heads: number;
  /** Of keys and values; heads that share them share their place in the cache. */
  readonly keyValueHeads: number;
  /** Width of one head. */
  readonly headSize: number;
  readonly context: number;
  /** Angles of the first positions, where they are rotary. Keys are kept turned, so that they are turned once. */
  readonly angles?: (positions: number) => RotaryTables;
  layer(index: number): Layer;
  /** ids [1, time] -> [time, width] */
  embedded(ids: Tensor2D): Tensor2D;
  /** id [1] at position [1] -> [1, width] */
  embeddedToken(id: Tensor1D, position: Tensor1D): Tensor2D;
  /** What leaves the last layer, [1, width] -> what a head reads. */
  states(x: Tensor2D): Tensor2D;
}

/** @param head one that gives every position outputs, such as `causal-lm` */
export function stackReader(stack: CachedStack, view: ParameterView, head: Head): Reader {
  const { heads, keyValueHeads, headSize: size, context } = stack;
  const logits = (x: Tensor2D): Tensor1D => {
    const states = { rows: stack.states(x), batch: 1, time: 1 };
    const outputs = projectedOutputs(head.project(view, states, {}, { training: false }));
    return tf.reshape(outputs, [head.outputs]); // [1, vocabulary] -> [vocabulary]
  };
  return {
    context,
    readPrompt({ ids, last }: Prompt): Read {
      const time = ids.shape[1];
      const shape = { batch: 1, time, heads, keyValueHeads, size };
      const rotary = stack.angles?.(time);
      const { x, caches } = run(stack, stack.embedded(ids), (_, input) => ({
        ...filledCache(input, keyValueHeads, context, rotary),
        mixed: selfAttention(input, shape, { mask: 'causal', ...(rotary && { rotary }) }),
      }));
      return { logits: logits(tf.gather(x, last)), caches };
    },
    readToken({ id, position, caches }: Token): Read {
      const place = stepPlace(position, keyValueHeads, context);
      const tables = stack.angles?.(context);
      const rotary = tables && {
        cos: tf.gather(tables.cos, position), // [1, size / 2]
        sin: tf.gather(tables.sin, position),
      };
      const read = run(stack, stack.embeddedToken(id, position), (layer, input) =>
        cachedAttention(input, caches[layer]!, place, rotary),
      );
      return { logits: logits(read.x), caches: read.caches };
    },
  };
}

/** All layers: x [time, width] -> [time, width], and what each layer keeps. */
function run(
  stack: CachedStack,
  embedded: Tensor2D,
  attend: (layer: number, input: AttentionInput) => KeyValues & { readonly mixed: Tensor2D },
): { x: Tensor2D; caches: KeyValues[] } {
  let x = embedded;
  const caches: KeyValues[] = [];
  for (let layer = 0; layer < stack.layers; layer += 1) {
    const before = boundary(x);
    const block = tf.tidy(() => {
      const part = stack.layer(layer);
      const { mixed, ...cache } = attend(layer, part.projected(before));
      return { x: part.transformed(part.attended(before, mixed)), cache };
    });
    x = block.x;
    caches.push(block.cache);
  }
  return { x: boundary(x), caches };
}
