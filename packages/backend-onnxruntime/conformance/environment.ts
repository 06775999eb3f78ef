/** Which backend the specs run on. Evaluated before any spec: they ask for it when they are declared. */
import { createRequire } from 'node:module';
import path from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { registerOnnxRuntime } from '../src/index.js';
import type { ExecutionProvider } from '../src/index.js';

const { CONFORMANCE_BACKEND: backendName = '', CONFORMANCE_PROVIDER: provider } = process.env;

if (provider !== undefined) registerOnnxRuntime({ provider: provider as ExecutionProvider });
const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${path.dirname(wasm)}/`);
// One name for all backends, so that the names of the specs are the same everywhere.
setTestEnvs([{ name: 'backend', backendName, isDataSync: true }]);
