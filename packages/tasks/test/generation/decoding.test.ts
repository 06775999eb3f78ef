/** Generation with a decoder that keeps what it read, beside generation that runs the whole window for each token. */
import { createRandomStream } from '@ligature/core';
import type { Decoder, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateTokens } from '../../src/causal-lm/generation/generate.js';
import type { LanguageModel } from '../../src/causal-lm/generation/generate.js';
import { BACKENDS } from '../../../nn/test/support/backends.js';
import { gpt2, randomView, withoutDecoder } from './support/gpt2.js';

const sizes = { layers: 3, width: 6, heads: 2, context: 5, vocabularySize: 7 };

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeAll(() => tf.setBackend(backend));
  beforeEach(() => (before = tf.memory().numTensors));
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('writes the text that the whole sequence writes, past the end of the context too', async () => {
    const language = gpt2({ ...sizes, context: 8 });
    const view = randomView(language, [0, 1, 1], 3);
    const write = async (by: LanguageModel, prompt: number[]): Promise<number[]> => {
      const ids: number[] = [];
      const options = { maxTokens: 20, topK: 5 };
      for await (const id of generateTokens(by, view, prompt, options, createRandomStream(2, 'generation')))
        ids.push(id);
      return ids;
    };
    for (const prompt of [[1], [1, 2, 3], [6, 5, 4, 3, 2, 1, 0, 1], [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3]]) {
      const ids = await write(language, prompt);
      expect(ids).toHaveLength(20);
      expect(ids).toEqual(await write(withoutDecoder(language), prompt));
    }
    // Left early: nothing stays behind.
    for await (const id of generateTokens(language, view, [1], {}, createRandomStream(2, 'generation'))) {
      expect(id).toBeLessThan(7);
      break;
    }
    view.dispose();
  });
});

describe('a decoder', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('is asked for a step where one is enough, and for the whole window once that slides', async () => {
    const asked: (number | number[])[] = [];
    let length = 0;
    const answer = (): tf.Tensor1D => tf.tensor1d([0, 0, 1]);
    const decoder: Decoder = {
      get length() {
        return length;
      },
      prefill(tokens) {
        asked.push(Array.from(tokens));
        length = tokens.length;
        return answer();
      },
      step(token) {
        asked.push(token);
        length += 1;
        return answer();
      },
      dispose: () => void asked.push(-1),
    };
    const { model, head } = gpt2({ ...sizes, context: 4, vocabularySize: 3 });
    const decoding = { model: { ...model, decoder: () => decoder }, head };
    const options = { maxTokens: 5, temperature: 0 };
    const stream = createRandomStream(1, 'generation');
    const view = {} as ParameterView;
    for await (const id of generateTokens(decoding, view, [0, 1], options, stream)) expect(id).toBe(2);
    expect(asked).toEqual([[0, 1], 2, 2, [1, 2, 2, 2], [2, 2, 2, 2], -1]);
  });
});
