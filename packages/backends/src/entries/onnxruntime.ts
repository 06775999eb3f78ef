/** ONNX Runtime through `@ligature/backend-onnxruntime`: whole training steps as compiled graphs, no native build. */
import type { BackendDescription } from '@ligature/core';
import { defineBackend } from '@ligature/core';
import { z } from 'zod';
import { firstLine, Unavailable } from './import-module.js';

type Module = typeof import('@ligature/backend-onnxruntime');

const PACKAGE = '@ligature/backend-onnxruntime';

const options = z.strictObject({
  provider: z
    .enum(['cpu', 'webgpu', 'cuda'])
    .default('cpu')
    .describe('Execution provider: where graphs run; operators that it lacks run on the CPU'),
  threads: z
    .int()
    .min(1)
    .optional()
    .describe('Threads within an operator on the CPU; default: the cores that this process may use'),
});

async function load(): Promise<Module> {
  try {
    // A literal, so that TypeScript knows the module; it is an optional dependency all the same.
    return await import('@ligature/backend-onnxruntime');
  } catch (cause) {
    throw new Unavailable(
      `${PACKAGE} cannot be loaded: ${firstLine(cause)}`,
      `Run \`ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}\``,
      { cause },
    );
  }
}

export const onnxruntime = defineBackend({
  meta: {
    summary: 'ONNX Runtime: training steps compiled to graphs on all cores; WebGPU and CUDA by option',
    options,
    reference: 'https://onnxruntime.ai/docs/get-started/with-javascript/node.html',
  },
  create: ({ provider, threads }, context) => ({
    tfjsName: 'onnxruntime',
    async prepare(): Promise<BackendDescription> {
      const { loadBinding, OnnxRuntimeError, registerOnnxRuntime } = await load();
      const count = threads ?? context.threads;
      try {
        const { version } = loadBinding();
        const chosen = registerOnnxRuntime({ provider, ...(count === undefined ? {} : { threads: count }) });
        const workers = `${chosen.threads} ${chosen.threads === 1 ? 'thread' : 'threads'}`;
        return {
          version,
          detail: `ONNX Runtime, ${provider === 'cpu' ? workers : `${provider}, ${workers}`}`,
        };
      } catch (cause) {
        if (cause instanceof OnnxRuntimeError) throw new Unavailable(cause.found, cause.todo, { cause });
        throw cause;
      }
    },
  }),
});
