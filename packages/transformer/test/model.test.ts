/** The model as others see it: names, shapes and starting values, causality, costs, and what it refuses. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { InputError, PluginHost } from '@ligature/core';
import type { Mode, Model } from '@ligature/core';
import plugin, { createGpt2 } from '@ligature/transformer';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../../nn/test/support/close.js';
import { readGolden } from './support/golden.js';
import { causalHead, ids, independent, logitsOf, lossOf } from './support/language-model.js';
import { viewOf } from './support/stack.js';

const tiny = { layers: 2, width: 8, heads: 2, context: 6, vocabularySize: 11 };

/** Fixed pseudo-random weights of size about 0.5, by full name. */
function weightsOf(model: Model): Map<string, tf.Tensor> {
  const tensors = new Map<string, tf.Tensor>();
  let count = 0;
  const make = (shape: readonly number[]): tf.Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => 0.5 * Math.sin(7.1 * (count += 1) ** 1.1)),
      [...shape],
    );
  };
  for (const spec of model.parameters) {
    if (spec.sharing === 'global') tensors.set(spec.name, make(spec.shape));
    else
      for (const i of independent(model))
        tensors.set(model.blockParameterName(i, spec.name), make(spec.shape));
  }
  return tensors;
}

const evaluation: Mode = { training: false };

beforeAll(() => tf.setBackend('cpu'));

describe('parameters', () => {
  it('have the names and shapes of the Hugging Face file', () => {
    const { golden, weights } = readGolden();
    const { n_layer: layers, n_embd: width, n_head: heads, n_positions: context } = golden.config;
    const model = createGpt2({ layers, width, heads, context, vocabularySize: golden.config.vocab_size });
    const specs = model.parameters.flatMap((spec) =>
      spec.sharing === 'global'
        ? [[spec.name, spec.shape] as const]
        : independent(model).map((i) => [model.blockParameterName(i, spec.name), spec.shape] as const),
    );
    expect(Object.fromEntries(specs)).toEqual(
      Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape])),
    );
  });

  it('number 12 d² + 13 d in a block, as GPT-2 has', () => {
    const { parameters } = createGpt2({
      layers: 48,
      width: 1600,
      heads: 16,
      context: 1024,
      vocabularySize: 50257,
    });
    const size = (sharing: string): number =>
      parameters
        .filter((spec) => spec.sharing === sharing)
        .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
    expect(size('block')).toBe(12 * 1600 ** 2 + 13 * 1600);
    // GPT-2 XL: 1 557 611 200 parameters (Hugging Face, `gpt2-xl`).
    expect(48 * size('block') + size('global')).toBe(1_557_611_200);
  });

  it('start as GPT-2 starts: residual projections smaller by sqrt(2 L), norms 1, biases 0', () => {
    const { parameters } = createGpt2({ ...tiny, layers: 8 });
    const initializers = Object.fromEntries(parameters.map(({ name, initializer }) => [name, initializer]));
    const zero = { kind: 'constant', value: 0 };
    const one = { kind: 'constant', value: 1 };
    const normal = { kind: 'normal', standardDeviation: 0.02 };
    const residual = { kind: 'normal', standardDeviation: 0.005 }; // 0.02 / sqrt(16)
    expect(initializers).toEqual({
      'transformer.wte.weight': normal,
      'transformer.wpe.weight': normal,
      'ln_1.weight': one,
      'ln_1.bias': zero,
      'attn.c_attn.weight': normal,
      'attn.c_attn.bias': zero,
      'attn.c_proj.weight': residual,
      'attn.c_proj.bias': zero,
      'ln_2.weight': one,
      'ln_2.bias': zero,
      'mlp.c_fc.weight': normal,
      'mlp.c_fc.bias': zero,
      'mlp.c_proj.weight': residual,
      'mlp.c_proj.bias': zero,
      'transformer.ln_f.weight': one,
      'transformer.ln_f.bias': zero,
    });
  });
});

describe('the forward pass', () => {
  it('sees no later token, and a shorter sequence is a prefix', () => {
    const model = createGpt2(tiny);
    const view = viewOf(model, [0, 1], weightsOf(model));
    const logits = (rows: number[][]): Float32Array =>
      tf.tidy(() => logitsOf(model, view, ids(rows)).dataSync() as Float32Array);
    const whole = logits([[1, 2, 3, 4, 5, 6]]);
    const changed = logits([[1, 2, 3, 4, 9, 10]]);
    const prefix = logits([[1, 2, 3, 4]]);
    const upTo = 4 * tiny.vocabularySize;
    expect([...changed.slice(0, upTo)]).toEqual([...whole.slice(0, upTo)]);
    expect([...changed.slice(upTo)]).not.toEqual([...whole.slice(upTo)]);
    expectClose(prefix, whole.slice(0, upTo), 1e-6, 1e-6);
  });

  it('sees no padding, wherever it stands', () => {
    const model = createGpt2(tiny);
    const view = viewOf(model, [0, 1], weightsOf(model));
    tf.tidy(() => {
      const states = (row: number[], mask?: number[]): Float32Array => {
        const batch = { inputs: ids([row]), ...(mask && { attention_mask: ids([mask]) }) };
        return model.encode(view, batch, evaluation).rows.dataSync() as Float32Array;
      };
      const { width } = tiny;
      const whole = states([1, 2, 3, 4, 5]);
      expectClose(states([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]), whole, 1e-6, 1e-6);
      // Behind the text nothing changes but what padding itself sees.
      const behind = states([1, 2, 3, 4, 5], [1, 1, 1, 0, 0]);
      expectClose(behind.slice(0, 3 * width), whole.slice(0, 3 * width), 1e-6, 1e-6);
      expect([...behind.slice(3 * width)]).not.toEqual([...whole.slice(3 * width)]);
      // In front of it, what padding says makes no difference.
      const [one, other] = [9, 10].map((padding) => states([padding, 2, 3], [0, 1, 1]));
      expect([...one!.slice(width)]).toEqual([...other!.slice(width)]);
      expect(one!.every(Number.isFinite)).toBe(true);
    });
  });

  it('keeps the rows of a batch apart', () => {
    const model = createGpt2(tiny);
    const view = viewOf(model, [0, 0], weightsOf(model));
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    tf.tidy(() => {
      const together = logitsOf(model, view, ids(rows)).dataSync();
      const apart = rows.flatMap((row) => [...logitsOf(model, view, ids([row])).dataSync()]);
      expectClose(together, apart, 1e-6, 1e-6);
    });
  });

  it('drops out while training only, and by the seeds it is given', () => {
    const model = createGpt2({ ...tiny, dropout: 0.3 });
    const view = viewOf(model, [0, 1], weightsOf(model));
    const loss = (mode: Mode): number =>
      tf.tidy(() => lossOf(model, view, ids([[1, 2, 3]]), ids([[2, 3, 4]]), mode).dataSync()[0]!);
    const seeds =
      (first: number): (() => number) =>
      () =>
        first++;
    const plain = loss(evaluation);
    expect(loss({ training: false, dropoutSeed: seeds(1) })).toBe(plain);
    const dropped = loss({ training: true, dropoutSeed: seeds(1) });
    expect(dropped).not.toBe(plain);
    expect(loss({ training: true, dropoutSeed: seeds(1) })).toBe(dropped);
    expect(loss({ training: true, dropoutSeed: seeds(50) })).not.toBe(dropped);
    expect(() => loss({ training: true })).toThrow(expect.objectContaining({ code: 'dropout-seed-missing' }));
    // One mask for the embedding, and one each for probabilities, attention branch and MLP branch of a layer.
    let asked = 0;
    loss({ training: true, dropoutSeed: () => (asked += 1) });
    expect(asked).toBe(1 + 3 * 2);
  });

  it('lets a gradient through the logits, and computes no weight gradient that nobody asks for', async () => {
    const model = createGpt2(tiny);
    const tensors = weightsOf(model);
    const gradientOf = (name: string): tf.Tensor =>
      tf.grad((leaf) => {
        const view = viewOf(model, [0, 1], new Map(tensors).set(name, leaf));
        return logitsOf(model, view, ids([[1, 2, 3]]));
      })(tensors.get(name)!);
    const products = async (name: string): Promise<number> => {
      const { kernelNames, kernels } = await tf.profile(() => tf.tidy(() => gradientOf(name)));
      expect(kernelNames.length).toBeGreaterThan(0);
      return kernels.filter((kernel) => kernel.name === tf.BatchMatMul).length;
    };
    // Forward: 4 + 2 products a layer and the head. Backward from ln_f: the head alone. From the last c_fc bias:
    // the head and c_proj, no weight gradient among them.
    const forward = 2 * 6 + 1;
    expect(await products('transformer.ln_f.bias')).toBe(forward + 1);
    expect(await products('transformer.h.1.mlp.c_fc.bias')).toBe(forward + 2);
    expect(await products('transformer.h.1.mlp.c_fc.weight')).toBe(forward + 3);
  });
});

describe('a head and an MLP of their own sizes', () => {
  it('have weights and costs of their own', () => {
    const model = createGpt2({ ...tiny, intermediateSize: 12, tiedHead: false });
    const head = model.heads['causal-lm']!(11);
    expect(head.parameters.map(({ name, shape, rows }) => [name, shape, rows])).toEqual([
      ['lm_head.weight', [11, 8], 'outputs'],
    ]);
    const shapes = Object.fromEntries(model.parameters.map(({ name, shape }) => [name, shape]));
    expect([shapes['mlp.c_fc.weight'], shapes['mlp.c_proj.weight']]).toEqual([
      [8, 12],
      [12, 8],
    ]);
    expect(head.cost({ inputs: [2, 3] }).weightFlops).toEqual({ 'lm_head.weight': 2 * 6 * 8 * 11 });
    expect(model.cost({ inputs: [2, 3] }).weightFlops['mlp.c_proj.weight']).toBe(2 * 6 * 12 * 8);
  });

  it('are read from files, where a tied model takes the head for the embedding once more', () => {
    const one = { shape: [1], data: [1] };
    const two = { shape: [1], data: [2] };
    const file = {
      tensors: new Map([
        ['wte.weight', one],
        ['lm_head.weight', two],
      ]),
      metadata: {},
    };
    const names = [...createGpt2({ ...tiny, tiedHead: false }).fromPublished!(file).tensors.keys()];
    expect(names).toEqual(['transformer.wte.weight', 'lm_head.weight']);
    expect(() => createGpt2(tiny).fromPublished!(file)).toThrow(
      expect.objectContaining({ code: 'weights-other-model' }),
    );
  });
});

describe('cost', () => {
  it('counts what a hand count of the workload "mini" gives', () => {
    const model = createGpt2({ layers: 12, width: 256, heads: 8, context: 128, vocabularySize: 8192 });
    const shape = { inputs: [8, 128] };
    const [cost, head] = [model.cost(shape), causalHead(model).cost(shape)];
    // 1024 tokens; 12 d² = 786 432 weights in a layer's matrices, two operations each.
    expect(cost.weightFlops).toEqual({
      'attn.c_attn.weight': 2 * 1024 * 3 * 65_536,
      'attn.c_proj.weight': 2 * 1024 * 65_536,
      'mlp.c_fc.weight': 2 * 1024 * 4 * 65_536,
      'mlp.c_proj.weight': 2 * 1024 * 4 * 65_536,
    });
    const layerWeights = Object.values(cost.weightFlops).reduce((sum, one) => sum + one, 0);
    expect(layerWeights).toBe(2 * 1024 * 786_432);
    // Scores and mixing: 64 heads of 128 x 128 x 32.
    expect(cost.layerActivationFlops).toBe(2 * (2 * 64 * 128 * 128 * 32));
    const table = 'transformer.wte.weight';
    expect(head.weightFlops).toEqual({ [table]: 2 * 1024 * 256 * 8192 });
    // A step, forward plus twice that backward, is known to be about 76 GFLOP.
    const forward = 12 * (layerWeights + cost.layerActivationFlops) + head.weightFlops[table]!;
    expect(Math.round((3 * forward) / 1e9)).toBe(76);
  });

  it.each([
    [2, 5],
    [3, 6],
  ])('knows the bytes that a tape of batch %i and time %i holds', (batch, time) => {
    const held = (layers: number, vocabularySize: number): number => {
      const model = createGpt2({ ...tiny, layers, vocabularySize });
      const tensors = [...weightsOf(model)];
      const rows = Array.from({ length: batch }, (_, i) =>
        Array.from({ length: time }, (_, j) => (i + 2 * j) % 7),
      );
      const [inputs, labels] = [ids(rows), ids(rows)];
      let bytes = NaN;
      tf.tidy(() => {
        const before = tf.memory().numBytes;
        tf.valueAndGrads((...leaves: tf.Tensor[]) => {
          const view = viewOf(
            model,
            independent(model),
            new Map(tensors.map(([name], i) => [name, leaves[i]!])),
          );
          const loss = lossOf(model, view, inputs, labels, { training: true });
          bytes = tf.memory().numBytes - before;
          return loss;
        })(tensors.map(([, tensor]) => tensor));
      });
      tf.dispose([...tensors.map(([, tensor]) => tensor), inputs, labels]);
      return bytes;
    };
    const shape = { inputs: [batch, time] };
    const model = createGpt2(tiny);
    const [cost, head] = [model.cost(shape), causalHead(model).cost(shape)];
    const rows = batch * time;
    const { width } = tiny;
    // tfjs counts every handle, also a second one on the same values. Second handles in a layer: the weights of
    // the four products and the two gains; the attention output and the GELU output, each kept as the input of a
    // product as well. Outside: the table, the last gain. The loss is there too.
    const layerHandles = 4 * (12 * width ** 2 + 2 * width + 5 * rows * width);
    const globalHandles = 4 * (11 * width + width);
    expect(held(3, 11) - held(2, 11)).toBe(cost.layerActivationBytes + layerHandles);
    expect(held(1, 11) - cost.layerActivationBytes - layerHandles).toBe(
      cost.globalActivationBytes + head.activationBytes + globalHandles + 4,
    );
  });
});

describe('what it refuses', () => {
  const code = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as InputError).code;
    }
    return 'nothing';
  };

  it.each([
    [{ layers: 0 }],
    [{ width: 2.5 }],
    [{ heads: -1 }],
    [{ context: 0 }],
    [{ vocabularySize: 0 }],
    [{ dropout: 1 }],
    [{ layerNormEpsilon: 0 }],
    [{ activation: 'relu' as 'gelu' }],
    [{ bias: false } as object],
  ])('options %o', (wrong) => {
    expect(code(() => createGpt2({ ...tiny, ...wrong }))).toBe('model-options-invalid');
  });

  it('heads that do not divide the width, naming the nearest that do', () => {
    const make = (width: number, heads: number) => () => createGpt2({ ...tiny, width, heads });
    expect(code(make(64, 5))).toBe('heads-do-not-divide-width');
    expect(make(64, 5)).toThrow('Use 4 or 8 heads');
    expect(make(7, 9)).toThrow('Use 7 heads');
    expect(code(make(64, 8))).toBe('nothing');
  });

  it('a batch without tokens, naming what there is', () => {
    const model = createGpt2(tiny);
    const view = viewOf(model, [0, 1], weightsOf(model));
    const batch = { pixels: tf.zeros([1, 2]) };
    for (const read of [
      () => model.encode(view, batch, evaluation),
      () => model.hidden(view, batch),
      () => model.cost({ pixels: [1, 2] }),
    ]) {
      expect(code(read)).toBe('batch-field-missing');
      expect(read).toThrow('the batch has pixels');
    }
  });

  it('a tied head with other outputs than the vocabulary has tokens', () => {
    expect(code(() => createGpt2(tiny).heads['causal-lm']!(12))).toBe('head-outputs-invalid');
  });

  it('sequences longer than the context', () => {
    const model = createGpt2(tiny);
    const view = viewOf(model, [0, 1], weightsOf(model));
    const rows = [[1, 2, 3, 4, 5, 6, 7]];
    expect(code(() => tf.tidy(() => logitsOf(model, view, ids(rows))))).toBe('sequence-length-invalid');
  });
});

describe('the plug-in', () => {
  const host = new PluginHost();
  host.register(plugin);
  const make = async (options: object, inputs: object): Promise<Model> =>
    host.create('models', 'gpt2', options, { inputs: { ...inputs } });

  it('makes a model for the vocabulary of the data', async () => {
    const model = await make({ layers: 3, width: 12, heads: 3 }, { vocabularySize: 20 });
    expect([model.layers, model.width, model.context, model.stochastic]).toEqual([3, 12, 64, false]);
    expect(model.parameters[0]).toMatchObject({ name: 'transformer.wte.weight', shape: [20, 12] });
    expect((await make({}, { vocabularySize: 20 })).width).toBe(64);
    expect((await make({ dropout: 0.1 }, { vocabularySize: 20 })).stochastic).toBe(true);
  });

  it('says what it misses in the data', async () => {
    const refused = make({}, { imageSize: 8 });
    await expect(refused).rejects.toMatchObject({ code: 'model-input-missing' });
    await expect(refused).rejects.toThrow('the data says imageSize, and no vocabularySize');
  });

  it("has the official code's options", () => {
    const { official, options } = host.entry('models', 'gpt2').meta;
    expect(official).toEqual({ dropout: 0.2, activation: 'gelu' });
    expect(options.safeParse(official).success).toBe(true);
  });
});
