/**
 * Generation with a key-value cache: a token costs one row of every product instead of the whole sequence. Layers that
 * share weights have a cache each, because what flows into them differs.
 *
 * Prompts are padded to a power of two, so that a backend that compiles graphs meets few lengths; the padding lies
 * behind the prompt, where causal attention never looks and later steps overwrite it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ContractError } from '@ligature/core';
import type { Decoder } from '@ligature/core';
import { compiled } from '@ligature/nn';
import type { KeyValues } from '@ligature/nn';
import { assertTime } from './mode.js';

// Types and not interfaces, because tfjs's containers take none.

/** ids [1, time], of which the tokens up to place `last` [1] count. */
export type Prompt = { readonly ids: Tensor2D; readonly last: Tensor1D };
/** id [1] at position [1], and what each layer kept. */
export type Token = { readonly id: Tensor1D; readonly position: Tensor1D; readonly caches: KeyValues[] };
/** Logits [vocabulary] of the next token, and what each layer keeps. */
export type Read = { readonly logits: Tensor1D; readonly caches: KeyValues[] };

/** Two pure functions, compiled where the backend does that. */
export interface Reader {
  readonly context: number;
  readPrompt(prompt: Prompt): Read;
  readToken(token: Token): Read;
}

export function cachedDecoder(reader: Reader): Decoder {
  const { context } = reader;
  const readPrompt = compiled((prompt: Prompt): Read => reader.readPrompt(prompt));
  const readToken = compiled((token: Token): Read => reader.readToken(token));
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
      assertTime(ids.length, context);
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

function notReady(length: number, context: number): ContractError {
  return new ContractError('decoder-not-ready', {
    asked: `Read one token more after ${length}`,
    found: length === 0 ? 'nothing was read before' : `the context of ${context} tokens is full`,
    todo: 'Call `prefill` with the last tokens of the sequence',
  });
}
