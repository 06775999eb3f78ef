/**
 * Generation with a key-value cache: a token costs one row of every product instead of the whole sequence. Layers that
 * share weights have a cache each, because what flows into them differs.
 *
 * Prompts are padded to a power of two, so that a backend that compiles graphs meets few lengths; the padding lies
 * behind the prompt, where causal attention never looks and later steps overwrite it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ContractError, InputError } from '@ligature/core';
import type { Decoder, Head, ParameterView } from '@ligature/core';
import {
  boundary,
  cachedAttention,
  compiled,
  embedding,
  filledCache,
  projectedOutputs,
  selfAttention,
  stepPlace,
} from '@ligature/nn';
import type { KeyValues } from '@ligature/nn';
import type { ResolvedGpt2Config } from '../options.js';
import { finalNorm, gpt2Layer } from './layer.js';

// Types and not interfaces, because tfjs's containers take none.
type Prompt = { readonly ids: Tensor2D; readonly last: Tensor1D };
type Token = { readonly id: Tensor1D; readonly position: Tensor1D; readonly caches: KeyValues[] };
type Read = { readonly logits: Tensor1D; readonly caches: KeyValues[] };

interface Parts {
  readonly config: ResolvedGpt2Config;
  readonly view: ParameterView;
  readonly head: Head;
}

/** @param head one that gives every position outputs, such as `causal-lm` */
export function gpt2Decoder(config: ResolvedGpt2Config, view: ParameterView, head: Head): Decoder {
  const { context } = config;
  const parts = { config, view, head };
  const readPrompt = compiled((prompt: Prompt): Read => promptRead(parts, prompt));
  const readToken = compiled((token: Token): Read => tokenRead(parts, token));
  let caches: KeyValues[] = [];
  let length = 0;
  const keep = (read: () => Read, tokens: number): Tensor1D => {
    const next = tf.tidy(read);
    tf.dispose(caches);
    caches = next.caches;
    // They outlive the tidy scope of whoever asks for the next token.
    for (const { keys, values } of caches) [keys, values].forEach((tensor) => tf.keep(tensor));
    length = tokens;
    return next.logits;
  };
  return {
    get length() {
      return length;
    },
    prefill(tokens) {
      const ids = Array.from(tokens);
      if (ids.length < 1 || ids.length > context) throw wrongLength(ids.length, context);
      const last = ids.length - 1;
      const padded = Math.min(context, 2 ** Math.ceil(Math.log2(ids.length)));
      const row = Int32Array.from({ length: padded }, (_, place) => ids[Math.min(place, last)]!);
      return keep(
        () =>
          readPrompt({
            ids: tf.tensor2d(row, [1, padded], 'int32'),
            last: tf.tensor1d([last], 'int32'),
          }),
        ids.length,
      );
    },
    step(token) {
      if (length < 1 || length >= context) throw notReady(length, context);
      const [id, position] = [token, length];
      return keep(
        () =>
          readToken({ id: tf.tensor1d([id], 'int32'), position: tf.tensor1d([position], 'int32'), caches }),
        length + 1,
      );
    },
    dispose() {
      tf.dispose(caches);
      caches = [];
      length = 0;
      readPrompt.dispose();
      readToken.dispose();
    },
  };
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

function wrongLength(found: number, context: number): InputError {
  return new InputError('sequence-length-invalid', {
    asked: `Read a prompt of ${found} tokens`,
    found: `the model has ${context} positions`,
    todo: `Give it between 1 and ${context} tokens`,
  });
}

function notReady(length: number, context: number): ContractError {
  return new ContractError('decoder-not-ready', {
    asked: `Read one token more after ${length}`,
    found: length === 0 ? 'nothing was read before' : `the context of ${context} tokens is full`,
    todo: 'Call `prefill` with the last tokens of the sequence',
  });
}
