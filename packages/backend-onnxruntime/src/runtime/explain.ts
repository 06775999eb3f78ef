/** ONNX Runtime reports everything as one kind of error; its words tell which case it is. */
import { OnnxRuntimeError } from '../errors.js';

/** @param kernels names of the tfjs kernels in the graph */
export function explain(
  cause: unknown,
  what: 'refused' | 'could not run',
  kernels: string,
  provider: string,
): OnnxRuntimeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // Where in its own sources an assertion failed helps nobody here.
  const first = (message.split('\n', 1)[0] ?? '').replace(/^\/onnxruntime_src\/.* was false\. /, '');
  if (/out of (data )?bounds|invalid indices/i.test(message)) {
    return new OnnxRuntimeError(
      'run-failed',
      `An index is out of range in a graph of ${kernels}: ${first}`,
      'Look at the indices, tokens or labels that the program looks rows up with',
      { cause },
    );
  }
  if (/failed to allocate|bad_alloc|out of memory/i.test(message)) {
    return new OnnxRuntimeError(
      'out-of-memory',
      `Memory ran out on the provider "${provider}" in a graph of ${kernels}: ${first}`,
      'Use smaller batches or a shorter context, or close other programs',
      { cause },
    );
  }
  if (/device (was )?lost|device is lost/i.test(message)) {
    return new OnnxRuntimeError(
      'device-lost',
      `The device of the provider "${provider}" was lost in a graph of ${kernels}: ${first}`,
      'Start the program again; if it happens again use the provider "cpu"',
      { cause },
    );
  }
  if (provider !== 'cpu' && /provider|adapter|libonnxruntime_providers|cuda|webgpu/i.test(message)) {
    return new OnnxRuntimeError(
      'provider-unavailable',
      `The execution provider "${provider}" cannot be used here: ${first}`,
      provider === 'cuda'
        ? 'Install its libraries with ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node (Linux x64, CUDA 12 and cuDNN 9), or use the provider "cpu"'
        : 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver; use the provider "cpu" otherwise',
      { cause },
    );
  }
  return new OnnxRuntimeError(
    what === 'refused' ? 'graph-refused' : 'run-failed',
    `ONNX Runtime ${what} a graph of ${kernels} on the provider "${provider}": ${first}`,
    'This is a defect of the backend: report the program and this message, and use the wasm backend meanwhile',
    { cause },
  );
}
