/**
 * Text generation, one token at a time: with the model's decoder if it has one, else the whole window is run again for
 * each token.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError, describeIssues } from '@ligature/core';
import type { Decoder, Model, ParameterView, RandomStream } from '@ligature/core';
import { z } from 'zod';
import { sampleToken, samplingOptionsSchema } from './sample.js';

export const generationOptionsSchema = samplingOptionsSchema.extend({
  maxTokens: z.int().min(0).default(100).describe('Tokens to generate at most'),
  stopId: z.int().min(0).optional().describe('Stop at this token; it is not yielded'),
});

export type GenerationOptions = z.input<typeof generationOptionsSchema>;

/**
 * Yields the ids that follow `prompt`. When prompt and text outgrow the context, the model sees the last
 * `context` tokens of them. The prompt itself is not yielded.
 *
 * @param prompt at least one id in [0, vocabularySize)
 * @throws InputError `generation-options-invalid`, `prompt-empty` or `token-unknown`, at the first `next()`.
 */
export async function* generateTokens(
  model: Model,
  view: ParameterView,
  prompt: ArrayLike<number>,
  options: GenerationOptions,
  stream: Pick<RandomStream, 'uniform'>,
): AsyncGenerator<number, void, undefined> {
  const { maxTokens, stopId, ...sampling } = resolveGeneration(options);
  const window = checkedPrompt(model, prompt).slice(-model.context);
  const decoder = model.decoder?.(view);
  try {
    for (let count = 0; count < maxTokens; count += 1) {
      const logits = decoder ? readOn(decoder, model, window) : readAll(model, view, window);
      const id = sampleToken(await valuesOf(logits), sampling, stream);
      if (id === stopId) return;
      yield id;
      window.push(id);
      if (window.length > model.context) window.shift();
    }
  } finally {
    decoder?.dispose();
  }
}

/**
 * The decoder has read the window but for its last token, unless it is new or the window slid: then every token has
 * another position than before, and nothing that was kept holds any more.
 */
function readOn(decoder: Decoder, { context }: Model, window: readonly number[]): Tensor {
  const goesOn = decoder.length > 0 && decoder.length < context;
  return goesOn ? decoder.step(window[window.length - 1]!) : decoder.prefill(window);
}

/** Logits of the token after the last one of `ids`, without a cache: [1, 1, vocabulary]. */
function readAll(model: Model, view: ParameterView, ids: readonly number[]): Tensor {
  return tf.tidy(() => {
    const inputs = tf.tensor2d([...ids], [1, ids.length], 'int32');
    const logits = model.logits(view, inputs, { training: false });
    // [1, time, vocabulary] -> [1, 1, vocabulary]
    return tf.slice(logits, [0, ids.length - 1, 0], [1, 1, model.vocabularySize]);
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

function checkedPrompt(model: Model, prompt: ArrayLike<number>): number[] {
  const ids = Array.from(prompt);
  if (ids.length === 0) {
    throw new InputError('prompt-empty', {
      asked: 'Generate text',
      found: 'the prompt has no tokens',
      todo: 'Give a prompt of one token or more',
    });
  }
  const unknown = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= model.vocabularySize);
  if (unknown !== undefined) {
    throw new InputError('token-unknown', {
      asked: `Continue a prompt with the token id ${unknown}`,
      found: `the model knows the ids 0 to ${model.vocabularySize - 1}`,
      todo: 'Encode the prompt with the tokenizer that the model was trained with',
    });
  }
  return ids;
}
