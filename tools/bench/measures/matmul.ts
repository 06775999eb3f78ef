/** The backend's own peak: one product of two [size, size] matrices, again and again. */
import * as tf from '@tensorflow/tfjs-core';
import { start, type BackendRequest } from '../backends.js';
import { median } from '../numbers.js';
import type { Report } from './report.js';

export interface MatmulRequest extends BackendRequest {
  readonly size: number;
}

export interface MatmulMeasurement {
  readonly backend: string;
  readonly size: number;
  readonly repetitions: number;
  readonly bestGflops: number;
  readonly medianGflops: number;
}

const LEAST = 5;
const MOST = 50;
const MILLISECONDS = 3000;

export async function measureMatmul(request: MatmulRequest, report: Report): Promise<MatmulMeasurement> {
  const { detail } = await start(request);
  report(`${request.backend}: ${detail}`);
  return { backend: request.backend, ...(await multiply(request.size)) };
}

/** On the current backend of tfjs. @throws Error when a product is wrong. */
export async function multiply(size: number): Promise<Omit<MatmulMeasurement, 'backend'>> {
  const [left, right] = [0, 1].map((phase) =>
    Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * 0.7 + phase)),
  ) as [Float32Array, Float32Array];
  const a = tf.tensor2d(left, [size, size]);
  const b = tf.tensor2d(right, [size, size]);
  const milliseconds: number[] = [];
  const begin = performance.now();
  try {
    for (let turn = 0; ; turn += 1) {
      const from = performance.now();
      // One entry is read: reading all of them would measure memory, too.
      const corner = tf.tidy(() => tf.slice(tf.matMul(a, b), [0, size - 1], [1, 1]));
      const [value] = await corner.data();
      const elapsed = performance.now() - from;
      corner.dispose();
      check(value!, left, right, size);
      if (turn > 0) milliseconds.push(elapsed); // the first one compiles and allocates
      const enough = milliseconds.length >= LEAST && performance.now() - begin > MILLISECONDS;
      if (enough || milliseconds.length >= MOST) break;
    }
  } finally {
    tf.dispose([a, b]);
  }
  const gflops = (elapsed: number): number => (2 * size ** 3) / (elapsed * 1e6);
  return {
    size,
    repetitions: milliseconds.length,
    bestGflops: gflops(Math.min(...milliseconds)),
    medianGflops: gflops(median(milliseconds)),
  };
}

/** A fast product that is wrong is worth nothing. */
function check(value: number, left: Float32Array, right: Float32Array, size: number): void {
  let expected = 0;
  for (let k = 0; k < size; k += 1) expected += left[k]! * right[k * size + size - 1]!;
  if (!(Math.abs(value - expected) <= 1e-3 * Math.sqrt(size))) {
    throw new Error(
      `the product of [${size}, ${size}] matrices is wrong: ${value} in the place of ${expected}`,
    );
  }
}
