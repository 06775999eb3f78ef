/** Makes the backend known to tfjs under its name. */
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.js';
import { fusedKernels } from './fused/index.js';
import { loweredKernels } from './kernels/index.js';
import { registerKernels } from './kernels/register.js';
import { resolveOptions } from './options.js';
import type { OnnxRuntimeOptions, ResolvedOptions } from './options.js';
import { loadBinding } from './runtime/binding.js';

export const BACKEND_NAME = 'onnxruntime';

/** Lower than nothing: tfjs must never choose it by itself, the program does. */
const PRIORITY = 0;

export interface RegisterOptions extends OnnxRuntimeOptions {
  /** Name in tfjs; with several names a program may have several providers side by side. Default `onnxruntime`. */
  readonly name?: string;
  /** Path prefix under which every graph writes ONNX Runtime's profile. Default: no profiles. */
  readonly profile?: string;
}

/**
 * Registers a backend with options of its own, replacing the one of the same name. Follow it by
 * `await tf.setBackend(name)`; the binary is loaded then and not before.
 *
 * @returns the options with their defaults
 * @throws OnnxRuntimeError (`options-invalid`)
 */
export function registerOnnxRuntime(options: RegisterOptions = {}): ResolvedOptions {
  const { name = BACKEND_NAME, profile, ...rest } = options;
  const resolved = resolveOptions(rest, os.availableParallelism());
  if (tf.findBackendFactory(name)) tf.removeBackend(name);
  registerKernels(name, [...loweredKernels, ...fusedKernels]);
  tf.registerBackend(name, () => new OnnxRuntimeBackend(loadBinding(), resolved, profile), PRIORITY);
  return resolved;
}
