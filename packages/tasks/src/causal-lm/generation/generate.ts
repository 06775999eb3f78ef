/**
 * Text generation, one token at a time: with the model's decoder if it has one, else the whole window is run again for
 * each token. Any model will do that has a `causal-lm` head.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { InputError, describeIssues } from '@ligature/core';
import type { Decoder, Head, Model, ParameterView, RandomStream } from '@ligature/core';
import { z } from 'zod';
import { sampleToken, samplingOptionsSchema } from './sample.js';

export const generationOptionsSchema = samplingOptionsSchema.extend({
  maxTokens: z.int().min(0).default(100).describe('Tokens to generate at most'),
  stopId: z.int().min(0).optional().describe('Stop at this token; it is not yielded'),
});

export type GenerationOptions = z.input<typeof generationOptionsSchema>;

/** What writes: an architecture and its `causal-lm` head. */
export interface LanguageModel {
  readonly model: Model;
  /** One row of outputs for each position, one output for each token of the vocabulary. */
  readonly head: Head;
}

/**
 * Yields the ids that follow `prompt`. When prompt and text outgrow the context, the model sees the last
 * `context` tokens of them. The prompt itself is not yielded.
 *
 * @param prompt at least one id in [0, head.outputs)
 * @throws InputError `generation-options-invalid`, `prompt-empty` or `token-unknown`, at the first `next()`.
 */
export async function* generateTokens(
  language: LanguageModel,
  view: ParameterView,
  prompt: ArrayLike<number>,
  options: GenerationOptions,
  stream: Pick<RandomStream, 'uniform'>,
): AsyncGenerator<number, void, undefined> {
  const { maxTokens, stopId, ...sampling } = resolveGeneration(options);
  const { model, head } = language;
  const context = model.context ?? Infinity;
  const window = checkedPrompt(head, prompt).slice(-context);
  const decoder = model.decoder?.(view, head);
  try {
    for (let count = 0; count < maxTokens; count += 1) {
      const logits = decoder ? readOn(decoder, context, window) : readAll(language, view, window);
      const id = sampleToken(await valuesOf(logits), sampling, stream);
      if (id === stopId) return;
      yield id;
      window.push(id);
      if (window.length > context) window.shift();
    }
  } finally {
    decoder?.dispose();
  }
}

/**
 * The decoder has read the window but for its last token, unless it is new or the window slid: then every token has
 * another position than before, and nothing that was kept holds any more.
 */
function readOn(decoder: Decoder, context: number, window: readonly number[]): Tensor {
  const goesOn = decoder.length > 0 && decoder.length < context;
  return goesOn ? decoder.step(window[window.length - 1]!) : decoder.prefill(window);
}

/** Logits of the token after the last one of `ids`, without a cache: [vocabulary]. */
function readAll({ model, head }: LanguageModel, view: ParameterView, ids: readonly number[]): Tensor1D {
  return tf.tidy(() => {
    const batch = { inputs: tf.tensor2d([...ids], [1, ids.length], 'int32') };
    const states = model.encode(view, batch, { training: false });
    const { features, weight, bias } = head.project(view, states, batch, { training: false });
    // Only the last row is multiplied: [time, width] -> [1, width] -> [1, vocabulary]
    const last = tf.slice(features, [features.shape[0] - 1, 0], [1, -1]);
    const logits = tf.matMul(last, weight, false, true);
    return tf.reshape(bias ? tf.add(logits, bias) : logits, [head.outputs]); // [1, vocabulary] -> [vocabulary]
  });
}

async function valuesOf(tensor: Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}

function resolveGeneration(options: GenerationOptions): z.output<typeof generationOptionsSchema> {
  const parsed = generationOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError('generation-options-invalid', {
    asked: 'Generate text',
    found: describeIssues(parsed.error),
    todo: 'Correct these options',
  });
}

function checkedPrompt({ outputs }: Head, prompt: ArrayLike<number>): number[] {
  const ids = Array.from(prompt);
  if (ids.length === 0) {
    throw new InputError('prompt-empty', {
      asked: 'Generate text',
      found: 'the prompt has no tokens',
      todo: 'Give a prompt of one token or more',
    });
  }
  const unknown = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= outputs);
  if (unknown !== undefined) {
    throw new InputError('token-unknown', {
      asked: `Continue a prompt with the token id ${unknown}`,
      found: `the model knows the ids 0 to ${outputs - 1}`,
      todo: 'Encode the prompt with the tokenizer that the model was trained with',
    });
  }
  return ids;
}
