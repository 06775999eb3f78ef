/** The tfjs backends that run here, registered by importing this. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { loadBinding } from '@ligature/backend-onnxruntime';

function onnxRuntime(): string[] {
  try {
    loadBinding();
    return ['onnxruntime'];
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return [];
  }
}

export const BACKENDS: readonly string[] = ['cpu', 'wasm', ...onnxRuntime()];
