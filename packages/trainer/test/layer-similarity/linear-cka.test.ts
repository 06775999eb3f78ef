/** Linear CKA and cosines against numpy (fixtures.py), and what Kornblith et al. (2019) prove of CKA. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linearCka } from '../../src/index.js';
import { cosines } from '../../src/layer-similarity/cosine.js';

const fixtures = JSON.parse(readFileSync(new URL('fixtures.json', import.meta.url), 'utf8')) as {
  states: number[][][];
  cka: number[][];
  layers: number[][][];
  cosines: number[][];
};

let before = 0;
beforeAll(async () => void (await tf.setBackend('cpu')));
beforeEach(() => void (before = tf.memory().numTensors));
afterEach(() => expect(tf.memory().numTensors).toBe(before));

async function cka(states: readonly number[][][]): Promise<number[][]> {
  const tensors = states.map((state) => tf.tensor2d(state));
  try {
    return await linearCka(tensors);
  } finally {
    tf.dispose(tensors);
  }
}

function expectClose(found: number[][], wanted: number[][], digits: number): void {
  expect(found.length).toBe(wanted.length);
  found.flat().forEach((value, at) => expect(value).toBeCloseTo(wanted.flat()[at]!, digits));
}

describe('linear CKA', () => {
  it('is that of numpy, from the definition with kernels', async () => {
    expectClose(await cka(fixtures.states), fixtures.cka, 5);
  });

  it('is 3/4 for the columns (1, -1, 0) and (2, -1, -1), shifted, by hand', async () => {
    // Centered already up to the shift: x'y = 3, x'x = 2, y'y = 6, and 9 / 12 is CKA.
    const x = [[1], [-1], [0]];
    const y = [[12], [9], [9]];
    expect((await cka([x, y]))[0]![1]).toBeCloseTo(0.75, 6);
  });

  it('is 0 beside a state whose rows are all equal', async () => {
    expect(await cka([[[1, 2], [1, 2]], [[1, 0], [0, 1]]])).toEqual([[1, 0], [0, 1]]); // prettier-ignore
  });

  it('survives activations whose fourth powers float32 cannot hold', async () => {
    const huge = fixtures.states.map((state) => state.map((row) => row.map((value) => value * 1e20)));
    expectClose(await cka(huge), fixtures.cka, 4);
  });

  const entry = fc.double({ min: -3, max: 3, noNaN: true });
  const state = (rows: number, width: number) =>
    fc.array(fc.array(entry, { minLength: width, maxLength: width }), { minLength: rows, maxLength: rows });
  /** A product of plane rotations and a reflection. */
  const turn = (rows: number[][], angles: readonly number[]): number[][] =>
    rows.map(([a, b, c]) => {
      const [x, y] = [
        Math.cos(angles[0]!) * a! - Math.sin(angles[0]!) * b!,
        Math.sin(angles[0]!) * a! + Math.cos(angles[0]!) * b!,
      ];
      const z = -c!;
      return [
        Math.cos(angles[1]!) * x - Math.sin(angles[1]!) * z,
        y,
        Math.sin(angles[1]!) * x + Math.cos(angles[1]!) * z,
      ];
    });
  /** Centered columns far enough from zero: at a point the alignment is not defined. */
  const spread = (rows: number[][]): boolean =>
    rows[0]!.some((_, column) => {
      const values = rows.map((row) => row[column]!);
      return Math.max(...values) - Math.min(...values) > 0.1;
    });

  it('is invariant to orthogonal transforms, isotropic scaling and shifts; symmetric; within 0 and 1', async () => {
    await fc.assert(
      fc.asyncProperty(
        state(6, 3).filter(spread),
        state(6, 2).filter(spread),
        fc.tuple(entry, entry),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        entry,
        async (x, y, angles, scale, shift) => {
          const moved = turn(x, angles).map((row) => row.map((value) => scale * value + shift));
          const found = await cka([x, y, moved]);
          const plain = found[0]![1]!;
          expect(found[2]![1]).toBeCloseTo(plain, 3);
          expect(found[0]![2]).toBeCloseTo((await cka([x, turn(x, angles)]))[0]![1]!, 3);
          expect(found[1]![0]).toBe(plain);
          expect(plain).toBeGreaterThanOrEqual(0);
          expect(plain).toBeLessThanOrEqual(1 + 1e-5);
          expect(found[0]![2]).toBeCloseTo(1, 3);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is not invariant to other linear maps: columns stretched apart are another representation', async () => {
    const [x] = fixtures.states;
    const stretched = x!.map(([a, b, c]) => [100 * a!, b!, c!]);
    expect((await cka([x!, stretched as number[][]]))[0]![1]).toBeLessThan(0.9);
  });

  it('leaves the states to the caller', async () => {
    const given = tf.tensor2d(fixtures.states[0]!) as Tensor2D;
    await linearCka([given]);
    expect(given.isDisposed).toBe(false);
    given.dispose();
  });
});

describe('cosines', () => {
  it('are those of numpy', () => {
    const layers = fixtures.layers.map((pieces) => pieces.map((piece) => Float32Array.from(piece)));
    expectClose(cosines(layers), fixtures.cosines, 6);
  });

  it('of a block with itself and with its opposite are 1 and -1, with zeros 0', () => {
    const one = [Float32Array.of(3, 4)];
    expect(cosines([one, one, [Float32Array.of(-6, -8)], [Float32Array.of(0, 0)]])).toEqual([
      [1, 1, -1, 0],
      [1, 1, -1, 0],
      [-1, -1, 1, 0],
      [0, 0, 0, 1],
    ]);
  });
});
