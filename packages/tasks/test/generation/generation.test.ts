/** Sampling against probabilities computed by hand, generation against a model whose logits are known. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createRandomStream } from '@ligature/core';
import type { ParameterView } from '@ligature/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateTokens } from '../../src/causal-lm/generation/generate.js';
import type { LanguageModel } from '../../src/causal-lm/generation/generate.js';
import { sampleToken } from '../../src/causal-lm/generation/sample.js';
import { gpt2, withoutDecoder } from './support/gpt2.js';

beforeAll(() => tf.setBackend('cpu'));

/** Logits of the probabilities 0.5, 0.25, 0.125, 0.125, in the order of ids 2, 0, 1, 3. */
const halves = Float32Array.from([0.25, 0.125, 0.5, 0.125].map(Math.log));
const fixed = (value: number) => ({ uniform: () => value });
const never = {
  uniform: (): number => {
    throw new Error('a greedy choice draws nothing');
  },
};

/** The share of [0, 1) that leads to each id, measured on a fine grid of draws. */
function shares(options: Parameters<typeof sampleToken>[1]): number[] {
  const grid = 1000;
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < grid; i += 1) counts[sampleToken(halves, options, fixed((i + 0.5) / grid))]! += 1;
  return counts.map((count) => count / grid);
}

describe('sampleToken', () => {
  it.each([
    ['everything', {}, [0.25, 0.125, 0.5, 0.125]],
    // Temperature 1/2 squares the probabilities: 1/4, 1/16, 1/64, 1/64, of 11/32.
    ['temperature 0.5', { temperature: 0.5 }, [2 / 11, 0.5 / 11, 8 / 11, 0.5 / 11]],
    ['top-k 2', { topK: 2 }, [1 / 3, 0, 2 / 3, 0]],
    // Equal logits: the lower id ranks first.
    ['top-k 3', { topK: 3 }, [2 / 7, 1 / 7, 4 / 7, 0]],
    ['top-k beyond the vocabulary', { topK: 9 }, [0.25, 0.125, 0.5, 0.125]],
    ['top-p 0.5: the first token reaches it alone', { topP: 0.5 }, [0, 0, 1, 0]],
    ['top-p 0.6', { topP: 0.6 }, [1 / 3, 0, 2 / 3, 0]],
    // Top-p counts what top-k left: 2/3 >= 0.66.
    ['top-k 2 and then top-p 0.66', { topK: 2, topP: 0.66 }, [0, 0, 1, 0]],
  ])('%s', (_, options, expected) => {
    shares(options).forEach((share, id) => expect(share).toBeCloseTo(expected[id]!, 2));
  });

  it('temperature 0 takes the most likely token, the first of equals, and draws nothing', () => {
    expect(sampleToken(halves, { temperature: 0 }, never)).toBe(2);
    expect(sampleToken(Float32Array.of(1, 3, 3), { temperature: 0, topK: 1, topP: 0.1 }, never)).toBe(1);
  });

  it('never chooses what is masked, and keeps to its cuts', () => {
    const rows = fc.array(fc.oneof(fc.double({ min: -80, max: 80, noNaN: true }), fc.constant(-Infinity)), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (row, topK, u) => {
          fc.pre(row.some((logit) => logit > -Infinity));
          const logits = Float32Array.from(row);
          const id = sampleToken(logits, { topK }, fixed(u));
          expect(logits[id]).toBeGreaterThan(-Infinity);
          expect(logits.filter((logit) => logit > logits[id]!).length).toBeLessThan(topK);
        },
      ),
    );
  });

  it('refuses options out of range and logits that say nothing', () => {
    for (const wrong of [{ temperature: -1 }, { topK: 1.5 }, { topP: 0 }, { topP: 1.1 }]) {
      expect(() => sampleToken(halves, wrong, fixed(0))).toThrow(
        expect.objectContaining({ code: 'sampling-options-invalid' }),
      );
    }
    for (const logits of [[NaN, NaN], [-Infinity], [0, Infinity], []]) {
      expect(() => sampleToken(Float32Array.from(logits), {}, fixed(0))).toThrow(
        expect.objectContaining({ code: 'logits-invalid' }),
      );
    }
  });
});

describe('generateTokens', () => {
  /** A model that is certain of the token after the sum of what it sees, modulo the vocabulary. */
  const seen: number[][] = [];
  const sizes = { layers: 1, width: 2, heads: 1, context: 3, vocabularySize: 10 };
  const { model } = withoutDecoder(gpt2(sizes));
  const summing: LanguageModel = {
    model: {
      ...model,
      encode: (_, { inputs }) => {
        const ids = [...inputs!.dataSync()];
        seen.push(ids);
        const next = (ids.reduce((sum, id) => sum + id, 0) + 1) % 10;
        // Only the last position knows; what the others say is wrong.
        const says = ids.map((_, at) => (at === ids.length - 1 ? next : (next + 1) % 10));
        const rows = tf.oneHot(tf.tensor1d(says, 'int32'), 10, 9, 0, 'float32') as tf.Tensor2D;
        return { rows, batch: 1, time: ids.length };
      },
    },
    head: {
      outputs: 10,
      parameters: [],
      project: (_, { rows }) => ({ features: rows, weight: tf.eye(10) }),
      cost: () => ({ weightFlops: {}, activationBytes: 0 }),
    },
  };
  const view = {} as ParameterView;
  const collect = async (prompt: number[], options: object, model = summing): Promise<number[]> => {
    const out: number[] = [];
    for await (const id of generateTokens(model, view, prompt, options, createRandomStream(1, 'generation')))
      out.push(id);
    return out;
  };

  it('feeds back what it generates and slides its window at the context length', async () => {
    seen.length = 0;
    expect(await collect([1, 2], { maxTokens: 4, temperature: 0 })).toEqual([4, 8, 5, 8]);
    expect(seen).toEqual([
      [1, 2],
      [1, 2, 4],
      [2, 4, 8],
      [4, 8, 5],
    ]);
    seen.length = 0;
    expect(await collect([9, 9, 9, 1, 2, 3], { maxTokens: 1, temperature: 0 })).toEqual([7]);
    expect(seen).toEqual([[1, 2, 3]]);
  });

  it('adds the bias of a head, and asks for no context where the model has none', async () => {
    const { context: _, ...endless } = summing.model;
    const bias = tf.tensor1d([0, 0, 0, 0, 0, 0, 100, 0, 0, 0]);
    const project: LanguageModel['head']['project'] = (...given) => ({
      ...summing.head.project(...given),
      bias,
    });
    const biased = { model: endless, head: { ...summing.head, project } };
    seen.length = 0;
    expect(await collect([1, 2, 3, 4], { maxTokens: 2, temperature: 0 }, biased)).toEqual([6, 6]);
    expect(seen).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4, 6],
    ]);
    bias.dispose();
  });

  it('stops at the stop token without yielding it, and at the number of tokens', async () => {
    expect(await collect([1, 2], { maxTokens: 9, temperature: 0, stopId: 5 })).toEqual([4, 8]);
    expect(await collect([1, 2], { maxTokens: 0 })).toEqual([]);
  });

  it('is repeatable and leaks nothing, also when it is left early', async () => {
    const before = tf.memory().numTensors;
    const [once, again] = [
      await collect([3], { maxTokens: 8, temperature: 5 }),
      await collect([3], { maxTokens: 8, temperature: 5 }),
    ];
    expect(again).toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(1);
    for await (const id of generateTokens(summing, view, [3], {}, createRandomStream(1, 'generation'))) {
      expect(id).toBeLessThan(10);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an empty prompt, unknown ids and wrong options', async () => {
    await expect(collect([], {})).rejects.toMatchObject({ code: 'prompt-empty' });
    await expect(collect([10], {})).rejects.toMatchObject({ code: 'token-unknown' });
    await expect(collect([1], { maxTokens: -1 })).rejects.toMatchObject({
      code: 'generation-options-invalid',
    });
  });
});
