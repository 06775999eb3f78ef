/** ViT as others see it: names and shapes, patches, dropout, cost, spellings of files, and what it refuses. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { InputError, PluginHost } from '@ligature/core';
import type { Mode, Model, TensorBatch, WeightsFile } from '@ligature/core';
import { projectedCrossEntropy } from '@ligature/nn';
import plugin, { createVit } from '@ligature/transformer';
import type { VitConfig } from '@ligature/transformer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectClose } from '../../../nn/test/support/close.js';
import { heldBytes } from '../support/held-bytes.js';
import { EVALUATING, outputsOf, randomWeights, untied, wholeOf } from '../support/whole.js';

const tiny = { layers: 2, width: 8, heads: 2, intermediateSize: 20, imageSize: 6, patchSize: 3, channels: 2 };
const positions = 1 + 4;

const whole = (options: VitConfig = tiny, outputs = 3) =>
  wholeOf(createVit(options), 'image-classification', outputs);

/** Numbers of size about 1, another one in every place. */
const images = (batch: number): tf.Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: batch * 72 }, (_, at) => Math.sin(3.7 * at)),
    [batch, 2, 6, 6],
  );

let before = 0;
beforeEach(async () => {
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const size = (specs: Model['parameters']): number =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);

describe('parameters', () => {
  it('number as many as in vit-base-patch16-224', () => {
    const base = { layers: 12, width: 768, heads: 12, imageSize: 224, patchSize: 16 };
    const { model, head } = whole(base, 1000);
    const of = (sharing: string): Model['parameters'] =>
      model.parameters.filter((spec) => spec.sharing === sharing);
    // 86 567 656 parameters (Dosovitskiy et al. 2021, table 1: 86 M; Hugging Face, `google/vit-base-patch16-224`).
    expect(12 * size(of('block')) + size(of('global')) + size(head.parameters)).toBe(86_567_656);
  });

  it('are without a bias of queries, keys and values by option', () => {
    const biases = ({ parameters }: Model): number =>
      parameters.filter(({ name }) => /(query|key|value)\.bias$/.test(name)).length;
    expect([biases(createVit(tiny)), biases(createVit({ ...tiny, qkvBias: false }))]).toEqual([3, 0]);
  });
});

describe('the forward pass', () => {
  it('projects patches as a convolution with a stride of their size does', () => {
    tf.tidy(() => {
      // Without layers to speak of: the states before them are read from a stack of weights that add nothing.
      const one = whole({ ...tiny, layers: 1 });
      const weights = randomWeights(one, 3);
      for (const [name, weight] of weights) {
        if (/output\.dense/.test(name)) weights.set(name, tf.zerosLike(weight));
      }
      const batch = { pixel_values: images(2) };
      const [found] = one.model.hidden!(untied(one.model, weights), batch);
      const name = 'vit.embeddings.patch_embeddings.projection';
      // tfjs's convolutions are of [batch, height, width, channels] and [height, width, in, out].
      const kernel = tf.transpose(weights.get(`${name}.weight`) as tf.Tensor4D, [2, 3, 1, 0]);
      const pixels = tf.transpose(batch.pixel_values, [0, 2, 3, 1]) as tf.Tensor4D;
      const patches = tf.add(
        tf.conv2d(pixels, kernel as tf.Tensor4D, 3, 'valid'),
        weights.get(`${name}.bias`)!,
      );
      const rows = tf.reshape(patches, [2, 4, 8]);
      const token = tf.tile(weights.get('vit.embeddings.cls_token')!, [2, 1, 1]) as tf.Tensor3D;
      const placed = tf.add(
        tf.concat([token, rows as tf.Tensor3D], 1),
        weights.get('vit.embeddings.position_embeddings')!,
      );
      expect(found!.shape).toEqual([2 * positions, 8]);
      expectClose(found!.dataSync(), placed.dataSync(), 1e-5, 1e-5);
    });
  });

  it('keeps the images of a batch apart, and lets the class token see every pixel', () => {
    tf.tidy(() => {
      const one = whole();
      const view = untied(one.model, randomWeights(one, 3));
      const outputs = (pixels: tf.Tensor): Float32Array =>
        outputsOf(one, view, { pixel_values: pixels }).dataSync() as Float32Array;
      const both = images(2);
      const apart = [0, 1].flatMap((at) => [...outputs(tf.slice(both, [at, 0, 0, 0], [1, 2, 6, 6]))]);
      expectClose(outputs(both), apart, 1e-6, 1e-6);
      const corner = tf.buffer([1, 2, 6, 6]);
      corner.set(1, 0, 1, 5, 5);
      const first = tf.slice(both, [0, 0, 0, 0], [1, 2, 6, 6]);
      expect([...outputs(tf.add(first, corner.toTensor()))]).not.toEqual([...outputs(first)]);
    });
  });

  it('drops out at embeddings, probabilities and both branches, while training and by seeds', () => {
    const asked = (options: object): number => {
      let count = 0;
      tf.tidy(() => {
        const one = whole({ ...tiny, ...options });
        const view = untied(one.model, randomWeights(one, 3));
        const mode: Mode = { training: true, dropoutSeed: () => (count += 1) };
        outputsOf(one, view, { pixel_values: images(1) }, mode);
        outputsOf(one, view, { pixel_values: images(1) }, { ...mode, training: false });
      });
      return count;
    };
    expect(asked({ dropout: 0.1 })).toBe(1 + 3 * 2);
    expect(asked({ attentionDropout: 0.1 })).toBe(2);
    expect(asked({})).toBe(0);
  });
});

describe('cost', () => {
  it('counts what a hand count of vit-base gives', () => {
    const { model, head } = whole({ layers: 12, width: 768, heads: 12, imageSize: 224, patchSize: 16 }, 1000);
    const shape = { pixel_values: [2, 3, 224, 224] };
    const { weightFlops, layerActivationFlops } = model.cost(shape);
    const { 'vit.embeddings.patch_embeddings.projection.weight': patches, ...layer } = weightFlops;
    expect(patches).toBe(2 * (2 * 196) * 768 * 768); // 16 x 16 x 3 = 768 numbers of each patch
    const sum = Object.values(layer).reduce((total, one) => total + one, 0);
    expect(sum).toBe(2 * (2 * 197) * 7_077_888); // 12 d²
    expect(layerActivationFlops).toBe(2 * (2 * 24 * 197 * 197 * 64));
    expect(head.cost(shape).weightFlops).toEqual({ 'classifier.weight': 2 * 2 * 768 * 1000 });
  });

  it.each([1, 3])('knows the bytes that a tape of %i images holds', (batch) => {
    const held = (layers: number): number => {
      const one = whole({ ...tiny, layers });
      const weights = randomWeights(one, 1);
      const fields = { pixel_values: images(batch) };
      const labels = tf.zeros<tf.Rank.R1>([batch], 'int32');
      const bytes = heldBytes(one, weights, (view) => {
        const states = one.model.encode(view, fields, EVALUATING);
        return projectedCrossEntropy(one.head.project(view, states, fields, EVALUATING), labels);
      });
      tf.dispose([...weights.values(), labels, fields]);
      return bytes;
    };
    const { model, head } = whole();
    const shape = { pixel_values: [batch, 2, 6, 6] };
    const [cost, headCost] = [model.cost(shape), head.cost(shape)];
    const [rows, width] = [batch * positions, tiny.width];
    // tfjs counts every handle, also a second one on the same values. In a layer: the weights of the six products and the
    // two gains; the input of queries, keys and values, and the attention output. Outside: the patches' kernel, the last gain,
    // the classifier. The loss is there too.
    const layerHandles = 4 * (4 * width ** 2 + 2 * width * 20 + 2 * width + 3 * rows * width);
    expect(held(3) - held(2)).toBe(cost.layerActivationBytes + layerHandles);
    expect(held(2) - 2 * (cost.layerActivationBytes + layerHandles)).toBe(
      cost.globalActivationBytes + headCost.activationBytes + 4 * (width * 18 + width + 3 * width) + 4,
    );
  });
});

describe('weights of a file', () => {
  type Tensors = WeightsFile['tensors'];
  const { model, parameters } = whole();
  let next = 0;
  const own: Tensors = new Map(
    parameters.flatMap(({ name, shape, sharing }) => {
      const names =
        sharing === 'global' ? [name] : [0, 1].map((layer) => model.blockParameterName(layer, name));
      return names.map((full) => [full, { shape, data: [(next += 1)] }] as const);
    }),
  );
  const renamed = (rename: (name: string) => string): Tensors =>
    new Map([...own].map(([name, tensor]) => [rename(name), tensor]));
  const modules = (name: string): string =>
    name
      .replace('encoder.layer', 'layers')
      .replace('attention.output.dense', 'attention.o_proj')
      .replace('attention.attention.query', 'attention.q_proj')
      .replace('attention.attention.key', 'attention.k_proj')
      .replace('attention.attention.value', 'attention.v_proj')
      .replace('intermediate.dense', 'mlp.fc1')
      .replace('output.dense', 'mlp.fc2');
  const unread = { shape: [1], data: [0] };

  it.each([
    ['its own names', own],
    ['names without vit.', renamed((name) => name.replace(/^vit\./, ''))],
    ['wrappers', renamed((name) => `module.${name}`)],
    ["the names of version 5's modules", renamed(modules)],
    ['the same without vit.', renamed((name) => modules(name).replace(/^vit\./, ''))],
    [
      'what no head reads',
      new Map([...own, ['vit.pooler.dense.weight', unread], ['embeddings.mask_token', unread]]),
    ],
  ])('are read by %s', (_, tensors) => {
    expect(model.fromPublished!({ tensors, metadata: {} }).tensors).toEqual(own);
  });

  it('are refused twice', () => {
    const tensors = new Map([...own, ['embeddings.cls_token', unread]]);
    expect(() => model.fromPublished!({ tensors, metadata: {} })).toThrow(
      expect.objectContaining({ code: 'weight-twice' }),
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
    [{ imageSize: 0 }],
    [{ patchSize: 1.5 }],
    [{ channels: 0 }],
    [{ dropout: 1 }],
    [{ qkvBias: 1 as unknown as boolean }],
    [{ activation: 'relu' as 'gelu' }],
    [{ vocabularySize: 3 } as object],
  ])('options %o', (wrong) => {
    expect(code(() => createVit({ ...tiny, ...wrong }))).toBe('model-options-invalid');
  });

  it('heads and patches that do not divide, naming the nearest that do', () => {
    expect(code(() => createVit({ ...tiny, heads: 3 }))).toBe('heads-do-not-divide-width');
    expect(code(() => createVit({ ...tiny, patchSize: 4 }))).toBe('patches-do-not-divide-image');
    expect(() => createVit({ ...tiny, patchSize: 4 })).toThrow('Use patches of 3 or 6');
  });

  it('images of another size or with other channels, and batches without any', () => {
    tf.tidy(() => {
      const one = whole();
      const view = untied(one.model, randomWeights(one, 1));
      const read = (batch: TensorBatch) => () => one.model.encode(view, batch, EVALUATING);
      for (const shape of [
        [1, 2, 6, 5],
        [1, 3, 6, 6],
        [2, 6, 6],
      ]) {
        const wrong = read({ pixel_values: tf.zeros(shape) });
        expect(code(wrong)).toBe('image-size-invalid');
        expect(wrong).toThrow(`[${shape.join(', ')}]`);
      }
      expect(code(read({ inputs: tf.zeros([1, 2]) }))).toBe('batch-field-missing');
      expect(code(() => one.model.hidden!(view, {}))).toBe('batch-field-missing');
      expect(code(() => one.model.cost({ inputs: [1, 2] }))).toBe('batch-field-missing');
    });
  });
});

describe('the plug-in', () => {
  const host = new PluginHost();
  host.register(plugin);
  const make = async (options: object, inputs: Record<string, number>): Promise<Model> =>
    host.create('models', 'vit', options, { inputs });
  const shapeOf = (model: Model, name: string): readonly number[] | undefined =>
    model.parameters.find((spec) => spec.name === name)?.shape;

  it('makes a model for the images of the data, or for those of its options', async () => {
    const kernel = 'vit.embeddings.patch_embeddings.projection.weight';
    const gray = await make({}, { imageSize: 28, channels: 1 });
    expect([shapeOf(gray, kernel), gray.context]).toEqual([[64, 1, 4, 4], undefined]);
    const chosen = await make({ imageSize: 32, patchSize: 8 }, {});
    expect(shapeOf(chosen, kernel)).toEqual([64, 3, 8, 8]);
    expect(shapeOf(chosen, 'vit.embeddings.position_embeddings')).toEqual([1, 17, 64]);
  });

  it('says what it misses in the data, and where data and options differ', async () => {
    await expect(make({}, { vocabularySize: 8 })).rejects.toMatchObject({ code: 'model-input-missing' });
    await expect(make({ imageSize: 32 }, { imageSize: 28 })).rejects.toMatchObject({
      code: 'model-input-differs',
    });
    await expect(make({ channels: 3 }, { imageSize: 28, channels: 1 })).rejects.toThrow(
      'channels of the data is 1',
    );
  });
});
