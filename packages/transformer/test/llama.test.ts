/**
 * LLaMA as others see it: names, shapes and starting values, causality, costs, the decoder, published weights, and what it
 * refuses. That its numbers are those of Hugging Face's is for `tools/parity` to say.
 */
import type { OnnxRuntimeBackend } from '@ligature/backend-onnxruntime';
import { PluginHost, type Model } from '@ligature/core';
import plugin, { createLlama, type LlamaConfig } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../nn/test/support/backends.js';
import { expectClose } from '../../nn/test/support/close.js';
import { lastOfAll, randomWeights, read } from './support/decoding.js';
import { causalHead, ids, independent, logitsOf, lossOf } from './support/language-model.js';
import { viewOf } from './support/stack.js';

const tiny = {
  layers: 2,
  width: 8,
  heads: 4,
  keyValueHeads: 2,
  intermediateSize: 12,
  context: 6,
  vocabularySize: 11,
};

const refused = (code: string): object => expect.objectContaining({ code }) as object;

beforeEach(() => tf.setBackend('cpu'));

describe('parameters of LLaMA', () => {
  it('number as many as Llama 3.2 1B has', () => {
    const model = createLlama({
      ...{ layers: 16, width: 2048, heads: 32, keyValueHeads: 8, intermediateSize: 8192 },
      ...{ context: 131_072, vocabularySize: 128_256, tiedHead: true },
    });
    const count = ({ shape }: Model['parameters'][number]): number => shape.reduce((size, n) => size * n, 1);
    const of = (sharing: string): number =>
      model.parameters.filter((spec) => spec.sharing === sharing).reduce((sum, spec) => sum + count(spec), 0);
    // Hugging Face, `meta-llama/Llama-3.2-1B`: 1 235 814 400 parameters.
    expect(16 * of('block') + of('global')).toBe(1_235_814_400);
  });

  it('have their own head, or that of the embedding', () => {
    const names = (options: Partial<LlamaConfig>): string[] =>
      causalHead(createLlama({ ...tiny, ...options })).parameters.map(({ name }) => name);
    expect(names({})).toEqual(['lm_head.weight']);
    expect(names({ tiedHead: true })).toEqual([]);
  });

  it('have the biases that are asked for', () => {
    const biases = (options: Partial<LlamaConfig>): string[] =>
      createLlama({ ...tiny, ...options })
        .parameters.map(({ name }) => name)
        .filter((name) => name.endsWith('.bias'));
    const qwen2 = ['q', 'k', 'v'].map((part) => `self_attn.${part}_proj.bias`);
    expect(biases({})).toEqual([]);
    expect(biases({ attentionBias: 'queries-keys-values' })).toEqual(qwen2);
    expect(biases({ attentionBias: 'all' })).toEqual([...qwen2, 'self_attn.o_proj.bias']);
    expect(biases({ mlpBias: true })).toEqual(['gate', 'up', 'down'].map((part) => `mlp.${part}_proj.bias`));
  });

  it('belong to attention, MLP and norms', () => {
    const components = Object.fromEntries(
      createLlama(tiny).parameters.map(({ name, component }) => [name, component]),
    );
    expect(components).toEqual({
      'model.embed_tokens.weight': undefined,
      'input_layernorm.weight': 'norms',
      'self_attn.q_proj.weight': 'attention',
      'self_attn.k_proj.weight': 'attention',
      'self_attn.v_proj.weight': 'attention',
      'self_attn.o_proj.weight': 'attention',
      'post_attention_layernorm.weight': 'norms',
      'mlp.gate_proj.weight': 'mlp',
      'mlp.up_proj.weight': 'mlp',
      'mlp.down_proj.weight': 'mlp',
      'model.norm.weight': undefined,
    });
  });
});

describe('the forward pass of LLaMA', () => {
  it('sees no later token, and distances instead of places', () => {
    const model = createLlama(tiny);
    const tensors = randomWeights(model, 3);
    const view = viewOf(model, [0, 0], tensors);
    const logits = (row: number[]): number[] =>
      tf.tidy(() => [...logitsOf(model, view, ids([row])).dataSync()]);
    const [whole, changed] = [logits([1, 2, 3, 4, 5, 6]), logits([1, 2, 3, 4, 9, 10])];
    const upTo = 4 * tiny.vocabularySize;
    expect(changed.slice(0, upTo)).toEqual(whole.slice(0, upTo));
    expect(changed.slice(upTo)).not.toEqual(whole.slice(upTo));
    // Equal tokens attend to equal ones wherever they stand: without positions these two were the same, too.
    const [ab, ba] = [logits([1, 2, 3]), logits([2, 1, 3])].map((all) => all.slice(-tiny.vocabularySize));
    expect(Math.max(...ab!.map((value, at) => Math.abs(value - ba![at]!)))).toBeGreaterThan(1e-3);
    tf.dispose([...tensors.values()]);
  });

  it('sees no padding, wherever it stands', () => {
    const model = createLlama(tiny);
    const tensors = randomWeights(model, 8);
    const view = viewOf(model, [0, 1], tensors);
    tf.tidy(() => {
      const states = (row: number[], mask?: number[]): number[] => {
        const batch = { inputs: ids([row]), ...(mask && { attention_mask: ids([mask]) }) };
        return [...model.encode(view, batch, { training: false }).rows.dataSync()];
      };
      const whole = states([1, 2, 3, 4, 5]);
      const behind = states([1, 2, 3, 9, 9], [1, 1, 1, 0, 0]);
      expectClose(behind.slice(0, 3 * tiny.width), whole.slice(0, 3 * tiny.width), 1e-6, 1e-6);
      const [one, other] = [9, 10].map((padding) => states([padding, 2, 3], [0, 1, 1]));
      expect(one!.slice(tiny.width)).toEqual(other!.slice(tiny.width));
      expect(one!.every(Number.isFinite)).toBe(true);
      // Rotary positions count from anywhere: padding in front of a text changes nothing.
      expectClose(one!.slice(tiny.width), states([2, 3]), 1e-5, 1e-5);
    });
    tf.dispose([...tensors.values()]);
  });

  it('drops attention probabilities while training, by the seeds that it is given', () => {
    const model = createLlama({ ...tiny, attentionDropout: 0.3 });
    expect([model.stochastic, createLlama(tiny).stochastic]).toEqual([true, false]);
    const tensors = randomWeights(model, 4);
    const view = viewOf(model, [0, 1], tensors);
    const loss = (first?: number): number => {
      let next = first ?? 0;
      const mode =
        first === undefined ? { training: false } : { training: true, dropoutSeed: () => (next += 1) };
      return tf.tidy(() => lossOf(model, view, ids([[1, 2, 3]]), ids([[2, 3, 4]]), mode).dataSync()[0]!);
    };
    expect(loss(1)).toBe(loss(1));
    expect(loss(1)).not.toBe(loss(7));
    expect(loss(1)).not.toBe(loss());
    expect(() => tf.tidy(() => lossOf(model, view, ids([[1]]), ids([[2]]), { training: true }))).toThrow(
      refused('dropout-seed-missing'),
    );
    tf.dispose([...tensors.values()]);
  });

  it('gives what leaves every layer', () => {
    const model = createLlama(tiny);
    const tensors = randomWeights(model, 5);
    const before = tf.memory().numTensors;
    const states = tf.tidy(() => model.hidden(viewOf(model, [0, 1], tensors), { inputs: ids([[1, 2, 3]]) }));
    expect(states.map(({ shape }) => shape)).toEqual([
      [3, 8],
      [3, 8],
    ]);
    tf.dispose(states);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([...tensors.values()]);
  });
});

describe('costs of LLaMA', () => {
  it('are two operations for each weight of a matrix and token', () => {
    const model = createLlama(tiny);
    const { weightFlops, layerActivationFlops } = model.cost({ inputs: [3, 5] });
    for (const { name, shape, sharing } of model.parameters) {
      if (sharing !== 'block' || shape.length < 2) continue;
      expect([name, weightFlops[name]]).toEqual([name, 2 * 15 * shape[0]! * shape[1]!]);
    }
    // Scores and mixing: 12 heads of 5 x 5 x 2.
    expect(layerActivationFlops).toBe(2 * 2 * 12 * 25 * 2);
    expect(causalHead(model).cost({ inputs: [3, 5] }).weightFlops).toEqual({
      'lm_head.weight': 2 * 15 * 8 * 11,
    });
  });

  it.each([
    [2, 5, {}],
    [3, 6, { keyValueHeads: 1, headSize: 4 }],
  ])('are the bytes that a tape of batch %i and time %i holds', (batch, time, options) => {
    const held = (layers: number): number => {
      const model = createLlama({ ...tiny, ...options, layers });
      const tensors = [...randomWeights(model, 6)];
      const rows = Array.from({ length: batch }, (_, i) =>
        Array.from({ length: time }, (_, j) => (i + 2 * j) % 7),
      );
      const [inputs, labels] = [ids(rows), ids(rows)];
      let bytes = NaN;
      tf.tidy(() => {
        const before = tf.memory().numBytes;
        tf.valueAndGrads((...leaves: tf.Tensor[]) => {
          const own = new Map(tensors.map(([name], i) => [name, leaves[i]!]));
          const loss = lossOf(model, viewOf(model, independent(model), own), inputs, labels, {
            training: true,
          });
          bytes = tf.memory().numBytes - before;
          return loss;
        })(tensors.map(([, tensor]) => tensor));
      });
      tf.dispose([...tensors.map(([, tensor]) => tensor), inputs, labels]);
      return bytes;
    };
    const model = createLlama({ ...tiny, ...options });
    const shape = { inputs: [batch, time] };
    const [cost, head] = [model.cost(shape), causalHead(model).cost(shape)];
    const rows = batch * time;
    const { headSize, heads } = model.config;
    // tfjs counts every handle, also a second one on the same values: in a layer the weights of the seven products and
    // the two gains; what the three products of the attention read twice more, and the two before the gating once more;
    // the attention's output, and the angles, which are one table for all layers and no activation of a batch.
    const matrices = model.parameters
      .filter(({ sharing }) => sharing === 'block')
      .reduce((sum, { shape: [n = 1, m = 1] }) => sum + n * m, 0);
    const layerHandles = 4 * (matrices + 3 * rows * tiny.width + rows * heads * headSize + time * headSize);
    expect(held(3) - held(2)).toBe(cost.layerActivationBytes + layerHandles);
    const globalHandles = 4 * (11 * tiny.width + tiny.width);
    expect(held(1) - cost.layerActivationBytes - layerHandles).toBe(
      cost.globalActivationBytes + head.activationBytes + globalHandles + 4,
    );
  });
});

describe.each(BACKENDS)('the decoder of LLaMA on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('answers as the whole sequence does, whatever is tied and shared and however long the prompt is', () => {
    const cases = fc
      .record({
        ...{ layers: fc.integer({ min: 1, max: 3 }), context: fc.integer({ min: 1, max: 9 }) },
        ...{ keyValueHeads: fc.integer({ min: 1, max: 2 }), group: fc.integer({ min: 1, max: 3 }) },
        ...{ headSize: fc.constantFrom(2, 4), width: fc.integer({ min: 2, max: 9 }), seed: fc.nat(1000) },
        ...{ tiedHead: fc.boolean(), attentionBias: fc.constantFrom('none', 'queries-keys-values', 'all') },
        mlpBias: fc.boolean(),
        ropeScaling: fc.constantFrom(null, { type: 'linear', factor: 3 } as const),
      })
      .chain(({ group, keyValueHeads, ...rest }) => {
        const options = { ...rest, keyValueHeads, heads: keyValueHeads * group, vocabularySize: 11 };
        return fc.record({
          options: fc.constant(
            options as Omit<typeof options, 'attentionBias'> & Pick<LlamaConfig, 'attentionBias'>,
          ),
          tieMap: fc.tuple(...Array.from({ length: rest.layers }, (_, layer) => fc.nat(layer))),
          tokens: fc.array(fc.nat(10), { minLength: rest.context, maxLength: rest.context }),
          prompt: fc.integer({ min: 1, max: rest.context }),
        });
      });
    fc.assert(
      fc.property(cases, ({ options: { seed, ...options }, tieMap, tokens, prompt }) => {
        const model = createLlama(options);
        const random = randomWeights(model, seed);
        const owners = tieMap.reduce<number[]>((map, source, layer) => {
          map.push(source === layer ? layer : map[source]!);
          return map;
        }, []);
        const view = viewOf(model, owners, random);
        const decoder = model.decoder(view, causalHead(model));
        for (let length = prompt; length <= tokens.length; length += 1) {
          const seen = tokens.slice(0, length);
          const logits = length === prompt ? decoder.prefill(seen) : decoder.step(tokens[length - 1]!);
          expectClose(read(logits), lastOfAll(model, view, seen), 1e-4, 1e-4, `after ${length} tokens`);
        }
        decoder.dispose();
        tf.dispose([...random.values()]);
      }),
      { numRuns: 12 },
    );
  });
});

it.runIf(BACKENDS.includes('onnxruntime'))('all of LLaMA runs in graphs', async () => {
  await tf.setBackend('onnxruntime');
  const fallbacks = (): unknown => ({ ...(tf.backend() as OnnxRuntimeBackend).statistics.fallbacks });
  const before = fallbacks();
  const model = createLlama({ ...tiny, attentionBias: 'all', mlpBias: true });
  const tensors = randomWeights(model, 9);
  const names = [...tensors.keys()];
  tf.tidy(() =>
    tf
      .valueAndGrads((...leaves: tf.Tensor[]) => {
        const own = new Map(names.map((name, at) => [name, leaves[at]!]));
        return lossOf(model, viewOf(model, [0, 1], own), ids([[1, 2, 3]]), ids([[2, 3, 4]]), {
          training: true,
        });
      })([...tensors.values()])
      .value.dataSync(),
  );
  const decoder = model.decoder(viewOf(model, [0, 1], tensors), causalHead(model));
  read(decoder.prefill([1, 2]));
  read(decoder.step(3));
  decoder.dispose();
  tf.dispose([...tensors.values()]);
  expect(fallbacks()).toEqual(before);
});

describe('published weights of LLaMA', () => {
  const published = (tensors: Record<string, number[]>, options: Partial<LlamaConfig> = {}): string[] => {
    const stored = Object.entries(tensors).map(
      ([name, data]) => [name, { shape: [data.length], data }] as const,
    );
    const { fromPublished } = createLlama({ ...tiny, ...options });
    return [...fromPublished!({ tensors: new Map(stored), metadata: {} }).tensors.keys()];
  };

  it('are read with and without the prefix, and without the frequencies that older files have', () => {
    expect(
      published({
        'layers.0.mlp.up_proj.weight': [1],
        'model.embed_tokens.weight': [2],
        'module.norm.weight': [3],
        'layers.1.self_attn.rotary_emb.inv_freq': [1],
        'lm_head.weight': [4],
      }),
    ).toEqual([
      'model.layers.0.mlp.up_proj.weight',
      'model.embed_tokens.weight',
      'model.norm.weight',
      'lm_head.weight',
    ]);
  });

  it('are refused where they belong to another model', () => {
    const frequencies = { 'model.rotary_emb.inv_freq': [0.5] };
    expect(() => published(frequencies)).toThrow(/frequencies of other rotary positions/);
    expect(() => published({ 'norm.weight': [1], 'model.norm.weight': [1] })).toThrow(
      refused('weight-twice'),
    );
  });

  it('may have a tied head once more, and no other one', () => {
    const tied = { 'model.embed_tokens.weight': [1, 2], 'lm_head.weight': [1, 2] };
    expect(published(tied, { tiedHead: true })).toEqual(['model.embed_tokens.weight']);
    expect(() => published({ ...tied, 'lm_head.weight': [1, 3] }, { tiedHead: true })).toThrow(
      refused('weights-other-model'),
    );
  });
});

describe('what LLaMA refuses', () => {
  it.each([
    [{ layers: 0 }, 'model-options-invalid'],
    [{ ropeTheta: 0 }, 'model-options-invalid'],
    [{ ropeScaling: { type: 'yarn', factor: 2 } as never }, 'model-options-invalid'],
    [{ dropout: 0.1 } as object, 'model-options-invalid'],
    [{ heads: 3, keyValueHeads: null }, 'heads-do-not-divide-width'],
    [{ width: 12, heads: 4 }, 'head-size-odd'],
    [{ heads: 4, keyValueHeads: 3 }, 'heads-not-shared-evenly'],
  ])('options %o', (wrong: Partial<LlamaConfig>, code) => {
    expect(() => createLlama({ ...tiny, ...wrong })).toThrow(refused(code));
  });

  it('heads that cannot be shared, naming the nearest numbers that can', () => {
    expect(() => createLlama({ ...tiny, width: 24, heads: 12, keyValueHeads: 5 })).toThrow(
      'Use 4 or 6 keyValueHeads',
    );
  });

  it('other outputs than the vocabulary has tokens', () => {
    expect(() => createLlama(tiny).heads['causal-lm']!(12)).toThrow(refused('head-outputs-invalid'));
  });

  it('sequences longer than the context, and batches without tokens', () => {
    const model = createLlama(tiny);
    const tensors = randomWeights(model, 1);
    const view = viewOf(model, [0, 1], tensors);
    expect(() => tf.tidy(() => logitsOf(model, view, ids([[1, 2, 3, 4, 5, 6, 7]])))).toThrow(
      refused('sequence-length-invalid'),
    );
    expect(() => model.encode(view, {}, { training: false })).toThrow(refused('batch-field-missing'));
    tf.dispose([...tensors.values()]);
  });
});

it('the plug-in makes a LLaMA for the vocabulary of the data', async () => {
  const host = new PluginHost();
  host.register(plugin);
  const make = (inputs: Record<string, number>): Promise<Model> =>
    host.create('models', 'llama', { layers: 3, width: 12, heads: 3 }, { inputs });
  const model = await make({ vocabularySize: 20 });
  expect([model.layers, model.width, model.context, model.stochastic]).toEqual([3, 12, 64, false]);
  await expect(make({ imageSize: 8 })).rejects.toThrow('the data says imageSize, and no vocabularySize');
});
