/** ONNX Runtime through `@ligature/backend-onnxruntime`: whole training steps as compiled graphs, no native build. */
import { availableParallelism } from 'node:os';
import type * as Engine from '@ligature/backend-onnxruntime';
import type { Backend, BackendContext, BackendDescription } from '@ligature/core';
import { defineBackend } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { firstLine, Unavailable } from './import-module.js';

type Module = typeof Engine;

const NAME = 'onnxruntime';
const PACKAGE = '@ligature/backend-onnxruntime';
/** On Linux x64 the install script of onnxruntime-node wants CUDA libraries, and fails where it cannot have them. */
const SKIP = process.platform === 'linux' && process.arch === 'x64' ? 'ONNXRUNTIME_NODE_INSTALL=skip ' : '';

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

const loadPackage = (): Promise<Module> =>
  // A literal, so that TypeScript knows the module; it is an optional dependency all the same.
  import('@ligature/backend-onnxruntime');

async function load(from: () => Promise<Module>): Promise<Module> {
  try {
    return await from();
  } catch (cause) {
    throw new Unavailable(
      `${PACKAGE} cannot be loaded: ${firstLine(cause)}`,
      `Run \`${SKIP}npm install ${PACKAGE}\``,
      { cause },
    );
  }
}

/** Options of a backend that runs already and would be made the same: it keeps its tensors and compiled graphs. */
function running(provider: string, threads = availableParallelism()): { threads: number } | undefined {
  const backend = tf.engine().registry[NAME] as Engine.OnnxRuntimeBackend | undefined;
  const same = backend?.options.provider === provider && backend.options.threads === threads;
  return same ? backend.options : undefined;
}

/** @param from loads the package; tests pass their own */
export function createOnnxRuntime(
  { provider, threads }: z.output<typeof options>,
  context: BackendContext,
  from: () => Promise<Module> = loadPackage,
): Backend {
  return {
    tfjsName: NAME,
    async prepare(): Promise<BackendDescription> {
      const { loadBinding, registerOnnxRuntime } = await load(from);
      const count = threads ?? context.threads;
      const { version } = loadBinding();
      const chosen =
        running(provider, count) ??
        registerOnnxRuntime({ provider, ...(count === undefined ? {} : { threads: count }) });
      const workers = `${chosen.threads} ${chosen.threads === 1 ? 'thread' : 'threads'}`;
      return {
        version,
        threads: chosen.threads,
        detail: `ONNX Runtime, ${provider === 'cpu' ? workers : `${provider}, ${workers}`}`,
      };
    },
  };
}

export const onnxruntime = defineBackend({
  meta: {
    summary: 'ONNX Runtime: training steps compiled to graphs on all cores; WebGPU and CUDA by option',
    options,
    reference: 'https://onnxruntime.ai/docs/get-started/with-javascript/node.html',
  },
  create: (chosen, context) => createOnnxRuntime(chosen, context),
});
