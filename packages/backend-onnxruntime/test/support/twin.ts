/** Runs the same on this backend and on tfjs's CPU backend, the slow twin, and compares. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { OnnxRuntimeBackend } from '../../src/index.js';
import { tensorOf } from './tensors.js';
import type { Sample } from './tensors.js';

// tfjs's CPU backend greets Node users with an advertisement otherwise.
tf.env().set('IS_TEST', true);

/** `TWIN_RUNS=500` looks harder. */
export const RUNS = { numRuns: Number(process.env['TWIN_RUNS'] ?? 8) };

export interface Tolerance {
  /** Share of the expected number by which the result may differ. */
  readonly relative?: number;
  readonly absolute?: number;
}

interface Outcome {
  readonly results: readonly {
    readonly shape: number[];
    readonly dtype: string;
    readonly values: number[];
  }[];
}

export function onnxRuntime(name = 'onnxruntime'): OnnxRuntimeBackend {
  const backend = tf.engine().findBackend(name);
  if (!(backend instanceof OnnxRuntimeBackend)) throw new Error(`the backend "${name}" is of another kind`);
  return backend;
}

export type Build = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

async function outcome(backend: string, samples: readonly Sample[], build: Build): Promise<Outcome> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const made = build(...samples.map(tensorOf));
    const results = (Array.isArray(made) ? made : [made]).map((tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: Array.from(tensor.dataSync()),
    }));
    return { results };
  });
}

function differs(actual: number, expected: number, { relative = 2e-5, absolute = 1e-5 }: Tolerance): boolean {
  if (Object.is(actual, expected) || actual === expected) return false;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return true;
  return Math.abs(actual - expected) > absolute + relative * Math.abs(expected);
}

/**
 * Fails where the backends differ in shape, dtype or numbers, or where one of the `lowered` kernels ran on tfjs's CPU
 * kernel after all: then nothing would have been compared.
 */
export async function expectTwin(
  samples: readonly Sample[],
  build: Build,
  { lowered = true, ...tolerance }: Tolerance & { readonly lowered?: boolean } = {},
): Promise<void> {
  const expected = await outcome('cpu', samples, build);
  await tf.setBackend('onnxruntime');
  const before = { ...onnxRuntime().statistics.fallbacks };
  const actual = await outcome('onnxruntime', samples, build);
  if (lowered) expect(onnxRuntime().statistics.fallbacks).toEqual(before);
  const plain = ({ results }: Outcome) => results.map(({ shape, dtype }) => ({ shape, dtype }));
  expect(plain(actual)).toEqual(plain(expected));
  actual.results.forEach(({ values }, output) => {
    const wanted = expected.results[output]!.values;
    expect(values).toHaveLength(wanted.length);
    const at = values.findIndex((value, i) => differs(value, wanted[i]!, tolerance));
    if (at >= 0) {
      expect.fail(`output ${output} has ${values[at]} at ${at}, and the CPU backend ${wanted[at]}`);
    }
  });
}
