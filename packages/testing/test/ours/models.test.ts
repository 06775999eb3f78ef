import { plugin } from '@ligature/transformer';
import { checkModel, type CheckModelOptions, type MakeBatch } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

/** Two segments, and padding behind the text of every row but the first. */
const segments: MakeBatch = ({ rows, time, inputs, random }) => {
  const field = (make: (row: number, position: number) => number): ReturnType<MakeBatch>[string] => ({
    shape: [rows, time],
    dtype: 'int32',
    data: Int32Array.from({ length: rows * time }, (_, at) => make(Math.floor(at / time), at % time)),
  });
  return {
    inputs: field(() => random.integer(0, inputs['vocabularySize']!)),
    token_type_ids: field((_, position) => (position < time / 2 ? 0 : 1)),
    attention_mask: field((row, position) => (position === 0 || position < time - row ? 1 : 0)),
  };
};

const pixels: MakeBatch = ({ rows, inputs, random }) => {
  const shape = [rows, inputs['channels'] ?? 3, inputs['imageSize'] ?? 8, inputs['imageSize'] ?? 8];
  const size = shape.reduce((product, n) => product * n, 1);
  const data = Float32Array.from({ length: size }, () => random.normal(0, 1));
  return { pixel_values: { shape, dtype: 'float32', data } };
};

const cases: readonly [string, CheckModelOptions][] = [
  ['gpt2', { options: { width: 8, heads: 2, context: 6 } }],
  [
    'gpt2',
    {
      inputs: { vocabularySize: 5 },
      options: { width: 6, heads: 3, context: 4, activation: 'gelu', intermediateSize: 10, tiedHead: false },
    },
  ],
  ['bert', { options: { width: 8, heads: 2, context: 6 }, heads: { 'token-span': 2 } }],
  [
    'bert',
    {
      inputs: { vocabularySize: 5 },
      options: {
        width: 6,
        heads: 3,
        context: 4,
        intermediateSize: 10,
        activation: 'gelu_new',
        tiedHead: false,
      },
      heads: { 'token-span': 2, 'sequence-classification': 1 },
      batch: segments,
      noise: { attentionDropout: 0.5 },
    },
  ],
  ['bert', { options: { width: 8, heads: 2, context: 6, decoder: true } }],
  [
    'llama',
    {
      options: { width: 8, heads: 4, keyValueHeads: 2, context: 6 },
      noise: { attentionDropout: 0.5 },
    },
  ],
  [
    'llama',
    {
      inputs: { vocabularySize: 5 },
      options: {
        ...{ width: 6, heads: 3, keyValueHeads: 1, headSize: 4, context: 4, intermediateSize: 10 },
        ...{ tiedHead: true, attentionBias: 'all', mlpBias: true },
        ropeScaling: { type: 'linear', factor: 2 },
      },
    },
  ],
  [
    'vit',
    {
      inputs: { imageSize: 6, channels: 2 },
      options: { width: 8, heads: 2, patchSize: 3, qkvBias: false },
      batch: pixels,
    },
  ],
  [
    'vit',
    {
      inputs: {},
      options: { width: 6, heads: 3, imageSize: 8, intermediateSize: 5, activation: 'gelu_new' },
      batch: pixels,
      noise: { attentionDropout: 0.5 },
    },
  ],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkModel(plugin, name, options);
});

it('leaves no model out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.models)));
});
