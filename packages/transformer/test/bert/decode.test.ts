/** The decoder of a causal BERT against the whole sequence run at once, on random models, tie maps and prompts. */
import { createRandomStream } from '@ligature/core';
import { createBert } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../../nn/test/support/backends.js';
import { expectClose } from '../../../nn/test/support/close.js';
import { viewOf } from '../support/stack.js';
import { outputsOf, randomWeights, wholeOf } from '../support/whole.js';

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('answers as the whole sequence does, whatever is tied and however long the prompt is', () => {
    const cases = fc.record({
      layers: fc.integer({ min: 1, max: 3 }),
      heads: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 1, max: 4 }),
      context: fc.integer({ min: 1, max: 9 }),
      vocabularySize: fc.integer({ min: 1, max: 12 }),
      intermediateSize: fc.integer({ min: 1, max: 9 }),
      activation: fc.constantFrom('gelu_new' as const, 'gelu' as const),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(cases, ({ size, seed, ...shape }) => {
        const model = createBert({ ...shape, width: shape.heads * size, decoder: true });
        const whole = wholeOf(model, 'causal-lm', shape.vocabularySize);
        const weights = randomWeights(whole, seed);
        const random = createRandomStream(seed, 'batch');
        const tieMap = Array.from({ length: shape.layers }, (_, layer) => random.integer(0, layer + 1));
        const view = viewOf(model, tieMap, weights);
        const tokens = Array.from({ length: shape.context }, () => random.integer(0, shape.vocabularySize));
        const prompt = 1 + random.integer(0, shape.context);
        const decoder = model.decoder!(view, whole.head);
        for (let length = prompt; length <= tokens.length; length += 1) {
          const found = tf.tidy(() => {
            const logits =
              length === prompt
                ? decoder.prefill(tokens.slice(0, length))
                : decoder.step(tokens[length - 1]!);
            return logits.dataSync();
          });
          const wanted = tf.tidy(() => {
            const inputs = tf.tensor2d([tokens.slice(0, length)], [1, length], 'int32');
            return outputsOf(whole, view, { inputs }).dataSync();
          });
          expectClose(found, wanted.slice(-shape.vocabularySize), 1e-4, 1e-4, `after ${length} tokens`);
        }
        expect(decoder.length).toBe(shape.context);
        decoder.dispose();
        tf.dispose([...weights.values()]);
      }),
      { numRuns: 10 },
    );
  });
});
