/** What parity with larger models rests on: the WebAssembly backend sums in float32, one after the other. */
import { plugin as backends, selectBackend } from '@ligature/backends';
import { PluginHost } from '@ligature/core';
import { globalNorm } from '@ligature/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => selectBackend({ name: 'wasm', options: {} }, new PluginHost().register(backends)));

it('takes the norm of a million entries to six digits on wasm', () => {
  const [rows, columns] = [4096, 256];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => 0.01 + 0.001 * ((i * 7919) % 101));
  const exact = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const norm = tf.tidy(() => globalNorm([tf.tensor2d(values, [rows, columns])]).dataSync()[0] as number);
  expect(Math.abs(norm / exact - 1)).toBeLessThan(1e-6);
});
