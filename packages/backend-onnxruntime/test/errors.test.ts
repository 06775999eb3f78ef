/** Errors of the engine say whose part it was and what to do. */
import { describe, expect, it } from 'vitest';
import { OnnxRuntimeError } from '../src/index.js';
import { explain } from '../src/runtime/explain.js';

// Texts as ONNX Runtime 1.30 gives them.
const CASES: [code: string, provider: string, text: string, words: RegExp][] = [
  [
    'run-failed',
    'cpu',
    "Non-zero status code returned while running Gather node. Name:'GatherV2:v3' Status Message: indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]",
    /An index is out of range in a graph of GatherV2: .*idx=7.*tokens or labels/,
  ],
  [
    'out-of-memory',
    'cpu',
    'std::bad_alloc',
    /Memory ran out on the provider "cpu" in a graph of GatherV2.*smaller batches/,
  ],
  [
    'out-of-memory',
    'cuda',
    'Failed to allocate memory for requested buffer of size 8589934592',
    /Memory ran out on the provider "cuda"/,
  ],
  [
    'device-lost',
    'webgpu',
    'WebGPU device lost (2): Device was destroyed.',
    /The device of the provider "webgpu" was lost/,
  ],
  [
    'provider-unavailable',
    'webgpu',
    'Failed to get a WebGPU adapter: No supported adapters.',
    /"webgpu" cannot be used here.*Vulkan, Metal or Direct3D 12/,
  ],
  [
    'provider-unavailable',
    'cuda',
    'Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file',
    /"cuda" cannot be used here.*cuda12 npm rebuild onnxruntime-node/,
  ],
  [
    'run-failed',
    'cpu',
    'The output OrtValue provided for output v3 of node X has shape {1} but the computed output shape for this run is {2}. When calling Run() with pre-allocated output OrtValues',
    /could not run a graph of GatherV2 on the provider "cpu".*report/,
  ],
];

describe('errors', () => {
  it.each(CASES)('%s on %s', (code, provider, text, words) => {
    const cause = new Error(text);
    const error = explain(cause, 'could not run', 'GatherV2', provider);
    expect(error).toBeInstanceOf(OnnxRuntimeError);
    expect(error).toMatchObject({ code, cause, name: 'OnnxRuntimeError' });
    expect(error.message).toMatch(words);
  });

  it('a graph that is refused when it is loaded has a code of its own', () => {
    expect(explain(new Error('No Op registered for X'), 'refused', 'Foo', 'cpu').code).toBe('graph-refused');
  });
});
