/** Errors of the engine say whose part it was and what to do. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { OnnxRuntimeError } from '../src/index.js';
import { explain } from '../src/runtime/explain.js';
import { installCommand, isAbsent } from '../src/runtime/install.js';

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

describe('what brings the binary where npm left it out', () => {
  it.each([
    ['linux', 'x64', '/data/me/app/', 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30'],
    ['linux', 'x64', '/data/me/lib/', 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30'],
    ['linux', 'arm64', '/data/me/app/', 'npm install onnxruntime-node@1.30'],
    ['win32', 'x64', 'C:\\app\\', 'npm install onnxruntime-node@1.30'],
    [
      'linux',
      'x64',
      '/usr/local/lib/',
      'ONNXRUNTIME_NODE_INSTALL=skip npm install --global onnxruntime-node@1.30',
    ],
    ['win32', 'x64', 'C:\\Users\\me\\AppData\\npm\\', 'npm install --global onnxruntime-node@1.30'],
    [
      'linux',
      'x64',
      '/data/me/.npm/_npx/0123/',
      'ONNXRUNTIME_NODE_INSTALL=skip npx -p onnxruntime-node@1.30 -p @ligature/cli ligature',
    ],
  ])('on %s %s in %s', (platform, arch, place, command) => {
    const slash = platform === 'win32' ? '\\' : '/';
    const file = `${place}node_modules/@ligature/backend-onnxruntime/dist/runtime/install.js`;
    const manifests = ['/data/me/app/package.json', 'C:\\app\\package.json', '/data/me/lib/package.json'];
    const exists = (path: string): boolean => manifests.includes(path);
    expect(installCommand(platform, arch, file.replaceAll('/', slash), exists)).toBe(command);
  });

  it('names the version that the package depends on', () => {
    const { optionalDependencies } = createRequire(import.meta.url)('../package.json') as {
      optionalDependencies: Record<string, string>;
    };
    const [minor] = /\d+\.\d+/.exec(optionalDependencies['onnxruntime-node']!)!;
    expect(installCommand('darwin', 'arm64', '/app/x.js')).toContain(`@${minor}`);
  });

  it('is said only where the package is not there at all', () => {
    const load = createRequire('/');
    const errorOf = (name: string): unknown => {
      try {
        return load(name);
      } catch (error) {
        return error;
      }
    };
    expect(isAbsent(errorOf('onnxruntime-node/dist/binding'))).toBe(true);
    expect(isAbsent(errorOf('something-else'))).toBe(false);
    expect(isAbsent(new Error('Error relocating onnxruntime_binding.node'))).toBe(false);
  });
});
