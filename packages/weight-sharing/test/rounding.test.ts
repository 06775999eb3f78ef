/** Weights in int8: NumPy's numbers (2.4.6, `rint` of w / s with s = max |w| / 127 in float32), and what must hold for any matrix. */
import fc from 'fast-check';
import { ContractError } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  fromInt8,
  roundToInt8,
  roundWeights,
  WeightRegistry,
  type Channels,
} from '../src/index.js';
import { readAll, toyRegistry, toyStack, VOCABULARY, WIDTH } from './support.js';

const W = Float32Array.from([0.5, -1.27, 0.635, 0, 0, 0, 3e-3, 2.5e-3, -1e-3]);

const ROWS = {
  scales: [0.009999999776482582, 0, 2.362204759265296e-5],
  data: [50, -127, 64, 0, 0, 0, 127, 106, -42],
};
const COLUMNS = {
  scales: [0.003937007859349251, 0.009999999776482582, 0.004999999888241291],
  data: [127, -127, 127, 0, 0, 0, 1, 0, 0],
  restored: [0.5, -1.2699999809265137, 0.6349999904632568, 0, 0, 0, 0.003937007859349251, 0, 0],
};

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([rows, columns]) =>
    fc.record({
      shape: fc.constant([rows, columns] as const),
      channels: fc.constantFrom<Channels>('rows', 'columns'),
      values: fc
        .array(fc.oneof(fc.float({ noNaN: true, min: -1e4, max: 1e4 }), fc.constant(0)), {
          minLength: rows * columns,
          maxLength: rows * columns,
        })
        .map((list) => Float32Array.from(list)),
    }),
  );

describe('a matrix in int8', () => {
  it('is what NumPy makes of it', () => {
    const rows = roundToInt8(W, [3, 3], 'rows');
    expect([...rows.data]).toEqual(ROWS.data);
    expect([...rows.scales]).toEqual(ROWS.scales);
    const columns = roundToInt8(W, [3, 3], 'columns');
    expect([...columns.data]).toEqual(COLUMNS.data);
    expect([...columns.scales]).toEqual(COLUMNS.scales);
    expect([...fromInt8(columns)]).toEqual(COLUMNS.restored);
  });

  it('comes back within half a step of its channel, zeros as zeros, the largest as itself', () => {
    fc.assert(
      fc.property(matrices, ({ shape, channels, values }) => {
        const rounded = roundToInt8(values, shape, channels);
        const back = fromInt8(rounded);
        values.forEach((value, at) => {
          const channel = channels === 'rows' ? Math.floor(at / shape[1]) : at % shape[1];
          const step = rounded.scales[channel] as number;
          const rest = 1e-6 * Math.abs(value) + 1e-44;
          // Steps below the smallest normal number of float32 are themselves rounded.
          if (step > 1e-38)
            expect(Math.abs((back[at] as number) - value)).toBeLessThanOrEqual(step / 2 + rest);
          if (value === 0) expect(back[at] === 0).toBe(true);
          if (step > 1e-38 && Math.abs(value) >= 127 * step)
            expect(Math.abs(rounded.data[at] as number)).toBe(127);
          expect(rounded.data[at]).not.toBe(-128);
        });
      }),
    );
  });

  it('of equal numbers is equal numbers, to the last bits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: Math.fround(1e-3), max: 1e3 }), (value) => {
        const back = fromInt8(roundToInt8(new Float32Array(6).fill(value), [2, 3], 'rows'));
        expect(new Set(back).size).toBe(1);
        expect(Math.abs((back[0] as number) / value - 1)).toBeLessThan(2e-7);
      }),
    );
  });

  it('rounded again is the same', () => {
    fc.assert(
      fc.property(matrices, ({ shape, channels, values }) => {
        // Below that, steps lose digits of their own.
        fc.pre(values.every((value) => value === 0 || Math.abs(value) > 1e-30));
        const once = fromInt8(roundToInt8(values, shape, channels));
        const twice = roundToInt8(once, shape, channels);
        expect(twice.data).toEqual(roundToInt8(values, shape, channels).data);
      }),
    );
  });

  it('is refused where it is none', () => {
    expect(() => roundToInt8(Float32Array.of(1, Number.NaN), [1, 2], 'rows')).toThrow(ContractError);
    expect(() => roundToInt8(Float32Array.of(1, Infinity), [1, 2], 'rows')).toThrow(/number 1 is Infinity/);
    expect(() => roundToInt8(Float32Array.of(1), [1, 2], 'rows')).toThrow(/it has 1 numbers/);
  });
});

describe('weights in int8', () => {
  it('have their matrices rounded, vectors as they were, each block once', () => {
    const registry = toyRegistry(4, {}, [0, 0, 2, 2]);
    const file = registry.exportWeights();
    const before = [...file.tensors].map(([name, { data }]) => [name, [...data]]);
    const { stored, restored, rounded, kept } = roundWeights(file, registry.stack, 'int8');
    expect([...rounded].sort()).toEqual(['h.0.attn.w', 'h.0.mlp.w', 'h.2.attn.w', 'h.2.mlp.w', 'wte']);
    expect([...kept].sort()).toEqual(['h.0.norm.g', 'h.2.norm.g']);
    expect(stored.tensors.get('h.0.attn.w')?.data).toBeInstanceOf(Int8Array);
    // [in, out]: a step for each column; the table of embeddings has one for each token.
    expect(stored.tensors.get('h.0.mlp.w.scale')?.shape).toEqual([WIDTH]);
    expect(stored.tensors.get('wte.scale')?.shape).toEqual([VOCABULARY]);
    expect(stored.metadata).toEqual({ ...file.metadata, rounding: 'int8' });
    expect([...restored.tensors.keys()]).toEqual([...file.tensors.keys()]);
    expect([...file.tensors].map(([name, { data }]) => [name, [...data]])).toEqual(before);
    registry.dispose();
  });

  it('take matrices that are [out, in] by their rows', () => {
    const stack = toyStack(1);
    const turned = {
      ...stack,
      parameters: stack.parameters.map((one) =>
        one.name === 'mlp.w' ? { ...one, rows: 'outputs' as const } : one,
      ),
    };
    const data = Float32Array.from({ length: WIDTH * WIDTH }, (_, at) => 10 ** -Math.floor(at / WIDTH));
    const file = { tensors: new Map([['h.0.mlp.w', { shape: [WIDTH, WIDTH], data }]]), metadata: {} };
    const scales = (of: typeof stack): number[] => [
      ...(roundWeights(file, of, 'int8').stored.tensors.get('h.0.mlp.w.scale')?.data ?? []),
    ];
    expect(scales(turned)[1]).toBeCloseTo(0.1 / 127, 8);
    expect(scales(stack)[1]).toBeCloseTo(1 / 127, 8);
  });

  it('are a file that is read again, of the size that is said', () => {
    const registry = toyRegistry(2, {}, [0, 0]);
    const file = registry.exportWeights();
    const whole = roundWeights(file, registry.stack, 'none');
    expect(whole.bytes).toBe(encodeSafetensors(file).length);
    expect(whole.restored.tensors.get('wte')?.data).toEqual(file.tensors.get('wte')?.data);
    const { stored, bytes } = roundWeights(file, registry.stack, 'int8');
    const encoded = encodeSafetensors(stored);
    expect(encoded.length).toBe(bytes);
    const read = decodeSafetensors(encoded);
    expect([...(read.tensors.get('h.0.attn.w')?.data ?? [])]).toEqual([
      ...(stored.tensors.get('h.0.attn.w')?.data ?? []),
    ]);
    // Payload: a byte for each number of a matrix, four for each step and each number of a vector.
    const payload = [...stored.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(payload).toBe(VOCABULARY * WIDTH + 2 * WIDTH * WIDTH + 4 * (VOCABULARY + 2 * WIDTH + WIDTH));
    registry.dispose();
  });

  it('are taken on by a registry with the same maps', () => {
    const registry = toyRegistry(4, {}, [0, 0, 2, 0]);
    const { restored } = roundWeights(registry.exportWeights(), registry.stack, 'int8');
    const before = readAll(registry);
    registry.importWeights(restored);
    expect(registry.tieMap).toEqual([0, 0, 2, 0]);
    readAll(registry).forEach((numbers, at) =>
      numbers.forEach((value, i) => {
        const was = before[at]?.[i] as number;
        expect(Math.abs(value - was)).toBeLessThan(0.02);
      }),
    );
    expect(readAll(registry)).not.toEqual(before);
    expect(registry).toBeInstanceOf(WeightRegistry);
    registry.dispose();
  });
});
