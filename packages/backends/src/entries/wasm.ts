/** tfjs's WebAssembly backend with the kernels mended that training a transformer waits for. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Backend, BackendDescription } from '@ligature/core';
import { defineBackend } from '@ligature/core';
import type * as WasmPackage from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { WasmBackend } from '../wasm/heap.js';
import { mendWasmKernels, restoreWasmKernels } from '../wasm/register.js';
import { firstLine, importPackage, Unavailable } from './import-module.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const REINSTALL = `Run \`npm install ${PACKAGE}\` again`;

export const wasmOptionsSchema = z.strictObject({
  kernels: z
    .enum(['mended', 'stock'])
    .default('mended')
    .describe(
      "`mended`: Ligature's kernels in the place of slow or missing ones; `stock`: tfjs as published",
    ),
});

/** Folder of the package's .wasm files: that of its main file, where npm put it for this package. */
function binaryFolder(): string {
  const main = createRequire(import.meta.url).resolve(PACKAGE);
  const folder = dirname(main);
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    if (!existsSync(join(folder, file))) throw new Unavailable(`${join(folder, file)} is missing`, REINSTALL);
  }
  return folder;
}

/** Starts the backend without leaving it the current one, unless there was none before. */
async function start(): Promise<WasmBackend> {
  const before = tf.getBackend();
  if (!(await tf.setBackend('wasm'))) {
    throw new Unavailable(
      'tfjs could not start its WebAssembly module (its warning says more)',
      'Check with `node --version` that Node is 20.19 or newer',
    );
  }
  const backend = tf.backend() as WasmBackend;
  if (before !== undefined && before !== 'wasm') await tf.setBackend(before);
  return backend;
}

export function createWasm(kernels: 'mended' | 'stock'): Backend {
  return {
    tfjsName: 'wasm',
    async prepare(): Promise<BackendDescription> {
      const module = (await importPackage(PACKAGE, REINSTALL)) as unknown as typeof WasmPackage;
      // A running backend has read its files already, and tfjs accepts no path any more after a failed start.
      if (tf.engine().registry['wasm'] === undefined) module.setWasmPaths(`${binaryFolder()}/`);
      const backend = await start();
      const simd = tf.env().getBool('WASM_HAS_SIMD_SUPPORT');
      const threads = module.getThreadsCount();
      const machine = `WebAssembly ${simd ? 'with' : 'without'} SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
      return { version: module.version_wasm, threads, detail: `${machine}, ${mend(backend, kernels)}` };
    },
  };
}

function mend(backend: WasmBackend, kernels: 'mended' | 'stock'): string {
  if (kernels === 'stock') {
    restoreWasmKernels();
    return 'stock kernels';
  }
  try {
    return `${mendWasmKernels(backend).length} kernels mended`;
  } catch (error) {
    // Slow is better than nothing, but nobody should wonder why.
    return `stock kernels, slow: mending failed (${firstLine(error)})`;
  }
}

export const wasm = defineBackend({
  meta: {
    summary: 'WebAssembly with SIMD on one thread, kernels mended for training: works wherever Node does',
    options: wasmOptionsSchema,
    reference: 'https://www.npmjs.com/package/@tensorflow/tfjs-backend-wasm',
  },
  create: ({ kernels }) => createWasm(kernels),
});
