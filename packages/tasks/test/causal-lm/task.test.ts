/** The task that predicts the next token: what it prepares, what it saves, and what it makes of a projection. */
import '@tensorflow/tfjs-backend-cpu';
import {
  createRandomStream,
  type Dataset,
  type Json,
  type PrepareContext,
  type SplitName,
  type Tokenizer,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { causalLmOptionsSchema, createCausalLm, plugin, type CausalLmOptions } from '../../src/index.js';
import { letterTokenizer, opened } from '../text/helpers.js';

const TEXTS = { train: 'abcabcabcabcabcabcab', validation: 'abcab', test: 'cba' };

const datasetOf = (texts: Record<SplitName, string>): Dataset => ({
  name: 'letters',
  description: 'of a test',
  split: (name) => Promise.resolve({ text: texts[name], origin: 'official' as const }),
});

interface Asked {
  readonly text: string;
  readonly saved: Json | undefined;
}

function contextOf(texts = TEXTS, more: Partial<PrepareContext> = {}) {
  const asked: Asked[] = [];
  const stages: string[] = [];
  const context: PrepareContext = {
    dataset: datasetOf(texts),
    tokenizer: (text, saved) => {
      asked.push({ text, saved });
      return Promise.resolve(letterTokenizer('abc'));
    },
    cache: undefined,
    folder: '.',
    stage: (message) => {
      stages.push(message);
      return Promise.resolve();
    },
    ...more,
  };
  return { context, asked, stages };
}

const options = (given: Partial<CausalLmOptions> = {}): CausalLmOptions => causalLmOptionsSchema.parse(given);
const prepare = (given: Partial<CausalLmOptions> = {}, texts = TEXTS) =>
  createCausalLm(options(given)).prepare(contextOf(texts).context);

describe('preparing', () => {
  it('learns the tokenizer from the training text, and says what the model must be made for', async () => {
    const { context, asked, stages } = contextOf();
    const prepared = await createCausalLm().prepare(context);
    expect(asked).toEqual([{ text: TEXTS.train, saved: undefined }]);
    expect(stages).toEqual(['Reading "letters" as tokens …']);
    expect(prepared).toMatchObject({
      head: { kind: 'causal-lm', outputs: 5 },
      inputs: { vocabularySize: 5 },
      saved: { tokenizer: { alphabet: 'abc' } },
      facts: {
        vocabularySize: 5,
        trainingTokens: 20,
        validationTokens: 5,
        testTokens: 3,
        splits: 'official',
      },
    });
  });

  it('makes the tokenizer of a run that goes on again from what was saved', async () => {
    const { saved } = await prepare();
    const { context, asked } = contextOf(TEXTS, { saved });
    await createCausalLm().prepare(context);
    expect(asked).toEqual([{ text: TEXTS.train, saved: { alphabet: 'abc' } }]);
    for (const wrong of [null, 'abc', {}, { tokens: 3 }] as Json[]) {
      await expect(
        createCausalLm().prepare(contextOf(TEXTS, { saved: wrong }).context),
      ).rejects.toMatchObject({ name: 'ContractError', code: 'task-state-invalid' });
    }
  });

  it('has a digest for each split, which changes with its tokens alone', async () => {
    const { digests } = await prepare();
    expect(digests).toEqual((await prepare()).digests);
    for (const split of ['train', 'validation', 'test'] as const) {
      const changed = await prepare({}, { ...TEXTS, [split]: `b${TEXTS[split].slice(1)}` });
      const same = Object.keys(digests).filter(
        (one) => changed.digests[one as SplitName] === digests[one as SplitName],
      );
      expect(same).toEqual(Object.keys(digests).filter((one) => one !== split));
    }
  });

  it('refuses to begin without a dataset', async () => {
    const { context } = contextOf(TEXTS, { dataset: undefined });
    await expect(createCausalLm().prepare(context)).rejects.toMatchObject({
      name: 'InputError',
      code: 'dataset-missing',
    });
  });
});

describe('batches', () => {
  const stream = () => createRandomStream(1, 'data-order');

  it("are as long as the model's context, unless the task says otherwise", async () => {
    const lengthOf = async (given: Partial<CausalLmOptions>, context: number | undefined) => {
      const source = (await prepare(given)).batches({ batch: 1, context }, stream());
      const { inputs } = opened(source.next());
      expect(source).toMatchObject({ weight: inputs.length, shape: { inputs: [1, inputs.length] } });
      return inputs.length;
    };
    expect(await lengthOf({}, 4)).toBe(4);
    expect(await lengthOf({ context: 6 }, 4)).toBe(6);
    expect(await lengthOf({ context: 6 }, undefined)).toBe(6);
    // A model that reads any length, and a text that is shorter than the usual one.
    await expect(lengthOf({}, undefined)).rejects.toMatchObject({ code: 'text-too-short' });
  });

  it('of an evaluation cover the split, or its first batches', async () => {
    const prepared = await prepare();
    const all = prepared.evaluation('train', { batch: 2, context: 4 });
    expect(all.scope).toEqual({ split: 'train', weight: 19, bytes: 19 });
    expect(all.batches.map(({ weight }) => weight)).toEqual([8, 8, 3]);
    const few = prepared.evaluation('train', { batch: 2, context: 4, maxBatches: 1 });
    expect(few.batches).toEqual(all.batches.slice(0, 1));
  });
});

describe('what was saved', () => {
  it('opens without any data', async () => {
    const { saved, head, inputs } = await prepare();
    const made: Json[] = [];
    const tokenizer = (json: Json): Promise<Tokenizer> => {
      made.push(json);
      return Promise.resolve(letterTokenizer('abc'));
    };
    const fitted = await createCausalLm().open(saved, { tokenizer });
    expect(fitted).toMatchObject({ head, inputs, saved });
    expect(made).toEqual([{ alphabet: 'abc' }]);
    await expect(createCausalLm().open({}, { tokenizer })).rejects.toMatchObject({
      code: 'task-state-invalid',
    });
  });
});

describe('loss and scores', () => {
  it('are the cross-entropy of the labels, position by position', () => {
    tf.tidy(() => {
      const task = createCausalLm();
      // Logits are the features themselves: probabilities (1/2, 1/4, 1/4) and (1/8, 3/4, 1/8).
      const features = tf.tensor2d([
        [Math.log(2), 0, 0],
        [5, 5 + Math.log(6), 5],
      ]);
      const projection = { features, weight: tf.eye(3) as Tensor2D };
      const batch = { labels: tf.tensor2d([[1, 1]], [1, 2], 'int32') };
      const [nats, correct] = task.score(projection, batch).arraySync();
      expect(nats![0]).toBeCloseTo(Math.log(4), 5);
      expect(nats![1]).toBeCloseTo(Math.log(4 / 3), 5);
      expect(correct).toEqual([0, 1]);
      const loss = task.loss(projection, batch).dataSync()[0]!;
      expect(loss).toBeCloseTo((nats![0]! + nats![1]!) / 2, 6);
      expect(task.scores).toEqual(['nats', 'correct']);
    });
  });
});

describe('the plug-in', () => {
  it('says what the task takes where nothing is named, and what the official code does', () => {
    const { meta } = plugin.tasks['causal-lm'];
    expect(meta.data).toEqual({ dataset: 'moby-dick', tokenizer: 'bpe' });
    expect(meta.official).toEqual({ chunking: 'bos-eos' });
    expect(meta.options.parse({})).toEqual({ chunking: 'contiguous', context: null, mean: 'token' });
    expect(() => meta.options.parse({ contxt: 3 })).toThrow(/contxt/);
  });
});
