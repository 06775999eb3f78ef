/**
 * TensorFlow's own kernels through the optional peers `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu`. Both
 * register the tfjs backend `tensorflow`; only one of them can be in a process.
 */
import type { Backend, BackendContext, BackendDescription } from '@ligature/core';
import { defineBackend } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { importModule, importPackage, Unavailable, type ImportModule } from './import-module.js';

const TFJS_NAME = 'tensorflow';

/** What the peers' backend object says about the device; absent from its published types. */
interface NodeBackend {
  readonly isGPUPackage?: boolean;
  readonly isUsingGpuDevice?: boolean;
}

export interface TensorflowVariant {
  readonly packageName: string;
  readonly gpu: boolean;
}

/** libtensorflow reads its thread counts from the environment, once, when it is loaded. */
function announceThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= String(threads);
}

function versionOf(module: Record<string, unknown>): string {
  const version = module['version'] as Record<string, string> | undefined;
  return version?.['tfjs-node'] ?? version?.['tfjs-core'] ?? 'unknown';
}

export function createTensorflow(
  { packageName, gpu }: TensorflowVariant,
  { threads }: BackendContext,
  load: ImportModule = importModule,
): Backend {
  return {
    tfjsName: TFJS_NAME,
    async prepare(): Promise<BackendDescription> {
      announceThreads(threads);
      const module = await importPackage(
        packageName,
        `Run \`npm rebuild ${packageName} --build-addon-from-source\`, or use another version of Node`,
        load,
      );
      const backend = tf.findBackend(TFJS_NAME) as (NodeBackend & object) | null;
      if (backend === null) {
        throw new Unavailable(
          `${packageName} is loaded but registered no backend "${TFJS_NAME}"`,
          'Check with `npm ls @tensorflow/tfjs-core` that there is only one copy of tfjs-core',
        );
      }
      if (gpu && backend.isUsingGpuDevice !== true) {
        // Leaves the name free for the processor's package, which is tried next.
        tf.removeBackend(TFJS_NAME);
        throw new Unavailable(
          `${packageName} found no graphics processor that it can use`,
          'Install the NVIDIA driver, CUDA and cuDNN that this version asks for, or use another backend',
        );
      }
      const device = backend.isUsingGpuDevice === true ? 'an NVIDIA graphics processor' : 'the processor';
      const limit = threads === undefined ? '' : `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      return {
        version: versionOf(module),
        detail: `TensorFlow on ${device}${limit}`,
        ...(threads !== undefined && { threads }),
      };
    },
  };
}

export const tensorflow = defineBackend({
  meta: {
    summary: "TensorFlow's kernels on the processor; needs the optional package @tensorflow/tfjs-node",
    options: z.strictObject({}),
    reference: 'https://www.npmjs.com/package/@tensorflow/tfjs-node',
  },
  create: (_options, context) =>
    createTensorflow({ packageName: '@tensorflow/tfjs-node', gpu: false }, context),
});

export const tensorflowGpu = defineBackend({
  meta: {
    summary: "TensorFlow's kernels on an NVIDIA card; needs the optional package @tensorflow/tfjs-node-gpu",
    options: z.strictObject({}),
    reference: 'https://www.npmjs.com/package/@tensorflow/tfjs-node-gpu',
  },
  create: (_options, context) =>
    createTensorflow({ packageName: '@tensorflow/tfjs-node-gpu', gpu: true }, context),
});
