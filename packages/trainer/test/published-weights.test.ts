/** GPT-2 from files as others publish them: all spellings give the same weights, and another model's are refused. */
import { readFileSync } from 'node:fs';
import { createRandomStreams, InputError, type WeightsFile } from '@ligature/core';
import { createCausalLm } from '@ligature/tasks';
import { createGpt2 } from '@ligature/transformer';
import { decodeSafetensors, WeightRegistry } from '@ligature/weight-sharing';
import { describe, expect, it } from 'vitest';
import { createObjective, headOf } from '../src/index.js';
import '@tensorflow/tfjs-backend-cpu';

type Entry = readonly [name: string, dtype: string, shape: readonly number[], data: ArrayBufferView];

/** A file of the format, written apart from our own writer: its types are more than that one has. */
function fileOf(entries: readonly Entry[], metadata?: unknown): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let size = 0;
  for (const [name, dtype, shape, { byteLength }] of entries) {
    header[name] = { dtype, shape, data_offsets: [size, size + byteLength] };
    size += byteLength;
  }
  // Padded with spaces, which may leave the data unaligned.
  const json = Buffer.from(`${JSON.stringify(header)}   `);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = entries.map(([, , , one]) => Buffer.from(one.buffer, one.byteOffset, one.byteLength));
  return Buffer.concat([length, json, ...data]);
}

const path = new URL('./fixtures/gpt2-tiny.safetensors', import.meta.url);
const original = decodeSafetensors(readFileSync(path));
const plain: readonly Entry[] = [...original.tensors].map(([name, { shape, data }]) => [
  name,
  'F32',
  shape,
  data,
]);

const sizes = { layers: 6, width: 32, heads: 4, context: 16, vocabularySize: 97 };
const model = createGpt2(sizes);
const objective = createObjective({
  model,
  head: headOf(model, { kind: 'causal-lm', outputs: 97 }),
  task: createCausalLm(),
});

/** What a registry holds after it has taken on a file. */
function taken(file: WeightsFile): WeightsFile {
  const registry = new WeightRegistry(objective, createRandomStreams(1));
  try {
    registry.importWeights(file);
    return registry.exportWeights();
  } finally {
    registry.dispose();
  }
}

const renamed = (rename: (name: string) => string): Entry[] =>
  plain.map(([name, ...rest]) => [rename(name), ...rest]);
const bare = renamed((name) => name.replace('transformer.', ''));
const mask = Uint8Array.from({ length: 16 * 16 }, (_, at) => (at % 16 <= Math.floor(at / 16) ? 1 : 0));
const layers = [0, 1, 2, 3, 4, 5];
const masks = (prefix: string, dtype: string, data: ArrayBufferView): Entry[] =>
  layers.map((layer) => [`${prefix}h.${layer}.attn.bias`, dtype, [1, 1, 16, 16], data]);
const scores = layers.map((layer): Entry => [
  `h.${layer}.attn.masked_bias`,
  'F32',
  [],
  Float32Array.of(-1e4),
]);
const embedding = plain.find(([name]) => name === 'transformer.wte.weight') as Entry;
const head: Entry = ['lm_head.weight', ...(embedding.slice(1) as [string, number[], ArrayBufferView])];
const halves = (data: ArrayBufferView): Uint16Array =>
  Uint16Array.from(
    new Uint32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)),
    (bits) => bits >>> 16,
  );

describe('GPT-2 from a published file', () => {
  const expected = taken(original);

  it.each<[string, readonly Entry[], unknown?]>([
    ['with the names of GPT2LMHeadModel', plain, { format: 'pt' }],
    ['without the prefix, as GPT2Model saves it', bare],
    [
      'with masks as floats, as the first published one has them',
      [...bare, ...masks('', 'F32', Float32Array.from(mask))],
      null,
    ],
    ['with masks as bytes and hidden scores', [...bare, ...masks('', 'U8', mask), ...scores]],
    ['with masks as truth values', [...masks('transformer.', 'BOOL', mask), ...plain]],
    [
      'with a buffer of 64-bit integers for a mask',
      [...plain, ...masks('transformer.', 'I64', BigInt64Array.from(mask, BigInt))],
    ],
    ['with the head once more', [head, ...plain]],
    ['with the head in place of the embedding', [head, ...plain.filter((one) => one !== embedding)]],
    ['from a wrapped model', renamed((name) => `module._orig_mod.${name}`)],
    [
      'with a wrapped head',
      [
        ['module.lm_head.weight', ...(head.slice(1) as [string, number[], ArrayBufferView])],
        ...renamed((name) => `module.${name}`),
      ],
    ],
  ])('%s', (_what, entries, metadata) => {
    expect(taken(decodeSafetensors(fileOf(entries, metadata)))).toEqual(expected);
  });

  it('in bfloat16 is what its upper halves are', () => {
    const brain = plain.map(([name, , shape, data]): Entry => [name, 'BF16', shape, halves(data)]);
    const { tensors } = taken(decodeSafetensors(fileOf(brain)));
    for (const [name, { data }] of original.tensors) {
      const whole = Float32Array.from(data);
      const cut = new Float32Array(new Uint32Array(whole.buffer).map((bits) => (bits >>> 16) << 16).buffer);
      expect(tensors.get(name)?.data, name).toEqual(cut);
    }
  });

  const other = Float32Array.from(head[3] as Float32Array, (value, at) => (at === 7 ? value + 1 : value));
  it.each<[string, readonly Entry[], string]>([
    [
      'a head that is not the embedding',
      [['lm_head.weight', 'F32', [97, 32], other], ...plain],
      'weights-other-model',
    ],
    ['a head of another size', [['lm_head.weight', 'F32', [32, 97], other], ...plain], 'weights-other-model'],
    [
      'a mask that sees what comes',
      [...bare, ...masks('', 'U8', new Uint8Array(256).fill(1))],
      'weights-other-model',
    ],
    ['one weight under two names', [...plain, bare[0] as Entry], 'weight-twice'],
    [
      'a name that no GPT-2 has',
      [...plain, ['h.0.attn.q.weight', 'F32', [1], Float32Array.of(1)]],
      'weight-superfluous',
    ],
    ['a layer more', [...plain, ['h.6.ln_1.bias', 'F32', [32], new Float32Array(32)]], 'weight-superfluous'],
    ['a layer less', plain.filter(([name]) => !name.includes('h.5.')), 'weight-missing'],
    [
      'a quantized weight',
      plain.map((one): Entry =>
        one === embedding ? ['wte.weight', 'I8', [97, 32], new Int8Array(97 * 32)] : one,
      ),
      'weight-type',
    ],
  ])('is refused with %s', (_what, entries, code) => {
    const file = decodeSafetensors(fileOf(entries));
    const error = (() => {
      try {
        return taken(file);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe(code);
  });
});
