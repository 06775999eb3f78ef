/**
 * The decoder with its key-value cache: every position against PyTorch's logits, and against the whole sequence run
 * at once on random models.
 */
import type { OnnxRuntimeBackend } from '@ligature/backend-onnxruntime';
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../nn/test/support/backends.js';
import { expectClose } from '../../nn/test/support/close.js';
import { readGolden } from './support/golden.js';
import { lastOfAll, randomWeights, read } from './support/decoding.js';
import { causalHead } from './support/language-model.js';
import { viewOf } from './support/stack.js';

const { golden, weights, expected } = readGolden();

const sizes = { layers: 3, width: 6, heads: 2, context: 5, vocabularySize: 7 };

describe.each(BACKENDS)('on %s', (backend) => {
  let before = 0;
  const tensors = new Map<string, tf.Tensor>();
  beforeAll(async () => {
    await tf.setBackend(backend);
    for (const [name, { data, shape }] of weights) tensors.set(name, tf.tensor(data, shape));
  });
  afterAll(() => tf.dispose([...tensors.values()]));
  beforeEach(() => (before = tf.memory().numTensors));
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it.each(golden.scenarios)("has PyTorch's logits at every position: $name", (scenario) => {
    const { n_layer, n_embd, n_head, n_positions, vocab_size, layer_norm_epsilon } = golden.config;
    const model = createGpt2({
      layers: n_layer,
      width: n_embd,
      heads: n_head,
      context: n_positions,
      vocabularySize: vocab_size,
      activation: scenario.activation_function,
      layerNormEpsilon: layer_norm_epsilon,
    });
    const reference = expected.get(`${scenario.name}/logits`)!.data;
    const decoder = model.decoder(viewOf(model, scenario.tie_map, tensors), causalHead(model));
    golden.batches[0]!.forEach((row, index) => {
      const start = 1 + index;
      for (let position = start - 1; position < n_positions; position += 1) {
        const logits =
          position === start - 1 ? decoder.prefill(row.slice(0, start)) : decoder.step(row[position]!);
        const from = (index * n_positions + position) * vocab_size;
        const wanted = reference.subarray(from, from + vocab_size);
        expectClose(read(logits), wanted, 2e-4, 1e-3, `position ${position}`);
      }
      expect(decoder.length).toBe(n_positions);
    });
    decoder.dispose();
  });

  it('answers as the whole sequence does, whatever is tied and however long the prompt is', () => {
    const cases = fc
      .record({
        layers: fc.integer({ min: 1, max: 4 }),
        heads: fc.integer({ min: 1, max: 3 }),
        size: fc.integer({ min: 1, max: 4 }),
        context: fc.integer({ min: 1, max: 9 }),
        vocabularySize: fc.integer({ min: 1, max: 12 }),
        activation: fc.constantFrom('gelu_new' as const, 'gelu' as const),
        seed: fc.nat(1000),
      })
      .chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          tieMap: fc.tuple(...Array.from({ length: shape.layers }, (_, layer) => fc.nat(layer))),
          ids: fc.array(fc.nat(shape.vocabularySize - 1), {
            minLength: shape.context,
            maxLength: shape.context,
          }),
          prompt: fc.integer({ min: 1, max: shape.context }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ shape: { size, seed, ...shape }, tieMap, ids, prompt }) => {
        const model = createGpt2({ ...shape, width: shape.heads * size });
        const random = randomWeights(model, seed);
        // Owners of owners: layer i uses what its entry points at, followed to the end.
        const owners = tieMap.reduce<number[]>((map, source, layer) => {
          map.push(source === layer ? layer : map[source]!);
          return map;
        }, []);
        const view = viewOf(model, owners, random);
        const decoder = model.decoder(view, causalHead(model));
        for (let length = prompt; length <= ids.length; length += 1) {
          const seen = ids.slice(0, length);
          const logits = length === prompt ? decoder.prefill(seen) : decoder.step(ids[length - 1]!);
          expect(logits.shape).toEqual([shape.vocabularySize]);
          expectClose(read(logits), lastOfAll(model, view, seen), 1e-4, 1e-4, `after ${length} tokens`);
        }
        decoder.dispose();
        tf.dispose([...random.values()]);
      }),
      { numRuns: 12 },
    );
  });

  it('starts anew with a prompt and with new weights, and outlives the tidy scopes around it', () => {
    const model = createGpt2(sizes);
    const random = randomWeights(model, 1);
    const view = viewOf(model, [0, 0, 2], random);
    const decoder = model.decoder(view, causalHead(model));
    tf.tidy(() => void decoder.prefill([1, 2, 3, 4]));
    tf.tidy(() => void decoder.step(5));
    // Shorter than what was read before: nothing of that may show.
    tf.tidy(() => void decoder.prefill([6, 5]));
    expectClose(read(decoder.step(3)), lastOfAll(model, view, [6, 5, 3]), 1e-4, 1e-4);
    decoder.dispose();
    decoder.dispose();
    expect(decoder.length).toBe(0);

    const table = 'transformer.wte.weight';
    random.get(table)!.dispose();
    random.set(table, tf.fill([7, 6], 0.25));
    expectClose(read(decoder.prefill([1, 2])), lastOfAll(model, view, [1, 2]), 1e-4, 1e-4);
    decoder.dispose();
    tf.dispose([...random.values()]);
  });
});

describe('a decoder', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('says what is wrong with a prompt, and with a step that has no place', () => {
    const model = createGpt2(sizes);
    const random = randomWeights(model, 1);
    const decoder = model.decoder(viewOf(model, [0, 1, 2], random), causalHead(model));
    const code = (name: string): object => expect.objectContaining({ code: name }) as object;
    expect(() => decoder.step(1)).toThrow(code('decoder-not-ready'));
    for (const prompt of [[], [1, 2, 3, 4, 5, 6]])
      expect(() => decoder.prefill(prompt)).toThrow(code('sequence-length-invalid'));
    decoder.prefill([1, 2, 3, 4, 5]).dispose();
    expect(() => decoder.step(1)).toThrow(code('decoder-not-ready'));
    decoder.dispose();
    expect(() => decoder.step(1)).toThrow(code('decoder-not-ready'));
    tf.dispose([...random.values()]);
  });
});

describe.runIf(BACKENDS.includes('onnxruntime'))('graphs', () => {
  it('are compiled for one token only, and everything runs in them', async () => {
    await tf.setBackend('onnxruntime');
    const model = createGpt2({ ...sizes, layers: 4, context: 32 });
    const random = randomWeights(model, 5);
    const statistics = (): OnnxRuntimeBackend['statistics'] =>
      (tf.backend() as OnnxRuntimeBackend).statistics;
    const fallbacks = JSON.stringify(statistics().fallbacks);
    const decode = (tieMap: number[], prompt: number[]): number[] => {
      const decoder = model.decoder(viewOf(model, tieMap, random), causalHead(model));
      read(decoder.prefill(prompt));
      const compiled = Array.from({ length: 20 }, () => {
        read(decoder.step(1));
        return statistics().compile.compiled;
      });
      decoder.dispose();
      return compiled;
    };
    const first = decode([0, 1, 2, 3], [1, 2, 3]);
    expect(new Set(first).size).toBe(1);
    // Neither another decoder, nor another tie map, nor another prompt that is padded to the same length.
    expect(new Set([...first, ...decode([0, 0, 0, 3], [1, 2, 3, 4])]).size).toBe(1);
    expect(JSON.stringify(statistics().fallbacks)).toBe(fallbacks);
    tf.dispose([...random.values()]);
  });
});
