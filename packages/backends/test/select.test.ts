import { defineBackend, InputError, PluginHost, type AnyEntry, type Backend } from '@ligature/core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTensorflow } from '../src/entries/tensorflow.js';
import { plugin, probeBackends, selectBackend } from '../src/index.js';

const entry = (backend: Partial<Backend>): AnyEntry<'backends'> =>
  defineBackend({
    meta: { summary: 'of a test', options: z.strictObject({}) },
    create: () => ({ tfjsName: 'cpu', prepare: async () => ({ version: '1', detail: 'test' }), ...backend }),
  });

const absent = entry({ prepare: () => Promise.reject(new Error('no such machine')) });

async function refusal(promise: Promise<unknown>): Promise<InputError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

/** A tfjs backend whose products are all zero. */
beforeAll(() => {
  tf.copyRegisteredKernels('cpu', 'zeros');
  tf.registerBackend('zeros', () => new MathBackendCPU());
  tf.unregisterKernel('BatchMatMul', 'zeros');
  tf.registerKernel({
    kernelName: 'BatchMatMul',
    backendName: 'zeros',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
      const shape = [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!];
      return (backend as MathBackendCPU).makeTensorInfo(
        shape,
        'float32',
        new Float32Array(shape[0]! * shape[1]!),
      );
    },
  });
});

describe('selectBackend', () => {
  it('takes the named one', async () => {
    const selected = await selectBackend('cpu');
    expect(selected).toMatchObject({ name: 'cpu', tfjsName: 'cpu', version: '4.22.0' });
    expect(selected.tried).toEqual([{ name: 'cpu', taken: true, reason: 'asked for by name' }]);
    expect(tf.getBackend()).toBe('cpu');
  });

  it('takes the first that works and says what became of the others', async () => {
    const { name, tried, notice } = await selectBackend('auto', plugin.backends, {
      order: ['tensorflow', 'elsewhere', 'wasm', 'cpu'],
    });
    const missing = '@tensorflow/tfjs-node is not installed';
    expect(name).toBe('wasm');
    // An optional package that nobody installed is nothing to speak of.
    expect(notice).toBeNull();
    expect(tf.getBackend()).toBe('wasm');
    expect(tried).toEqual([
      { name: 'tensorflow', taken: false, reason: missing },
      { name: 'wasm', taken: true, reason: 'the first one that works here' },
      { name: 'cpu', taken: false, reason: 'wasm was taken' },
    ]);
  });

  it('works with the backends of a plug-in host, third-party ones included', async () => {
    const host = new PluginHost()
      .register(plugin)
      .register({ name: 'x', version: '1', backends: { fast: entry({}) } });
    const selected = await selectBackend({ name: 'fast', options: {} }, host);
    expect(selected).toMatchObject({ name: 'fast', tfjsName: 'cpu', version: '1', detail: 'test' });
    const first = await selectBackend('auto', host, { order: ['fast', 'wasm'] });
    expect(first.name).toBe('fast');
  });

  it('refuses an unknown name with the nearest known one', async () => {
    const error = await refusal(selectBackend('wasmm'));
    expect(error.code).toBe('unknown-backend');
    expect(error.message).toContain('known: auto, cpu, onnxruntime, tensorflow, tensorflow-gpu, wasm');
    expect(error.parts.todo).toContain('Did you mean "wasm"?');
  });

  it('refuses a named one that cannot run, and keeps the one before', async () => {
    await selectBackend('cpu');
    const error = await refusal(selectBackend('tensorflow-gpu'));
    expect(error.code).toBe('backend-unavailable');
    expect(error.parts).toEqual({
      asked: 'Use the backend "tensorflow-gpu"',
      found: '@tensorflow/tfjs-node-gpu is not installed',
      todo: 'Run `npm install @tensorflow/tfjs-node-gpu`',
    });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('does not take one that computes wrongly', async () => {
    await selectBackend('cpu');
    const { tensors } = { tensors: tf.memory().numTensors };
    const { name, tried, notice } = await selectBackend(
      'auto',
      { broken: entry({ tfjsName: 'zeros' }), cpu: entry({}) },
      { order: ['broken', 'cpu'] },
    );
    expect(name).toBe('cpu');
    expect(tried[0]!.reason).toContain('it computes a product as [0, 0');
    expect(notice).toMatch(
      /^the backend broken does not work here: it computes .*; cpu is used instead, which may take several times as long\. Run `ligature doctor`/,
    );
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('names every reason when nothing works', async () => {
    const error = await refusal(
      selectBackend('auto', { one: absent, two: absent }, { order: ['one', 'two'] }),
    );
    expect(error.code).toBe('no-backend');
    expect(error.parts.found).toBe('one: no such machine; two: no such machine');
  });

  it('refuses options that the backend does not have', async () => {
    const error = await refusal(selectBackend({ name: 'wasm', options: { kernels: 'fast' } }));
    expect(error.code).toBe('options-invalid');
    expect(error.parts.found).toContain('kernels');
  });
});

describe('tensorflow', () => {
  const variant = { packageName: '@tensorflow/tfjs-node', gpu: false };
  const failing = (error: Error): Backend => createTensorflow(variant, {}, () => Promise.reject(error));

  it('tells a package that does not load from one that is missing', async () => {
    const broken = failing(new Error('libtensorflow.so.2: cannot open shared object file\n  at …'));
    await expect(broken.prepare()).rejects.toMatchObject({
      reason:
        '@tensorflow/tfjs-node is installed but does not load: libtensorflow.so.2: cannot open shared object file',
      todo: expect.stringContaining('npm rebuild @tensorflow/tfjs-node') as string,
    });
    const dependency = Object.assign(new Error("Cannot find package 'bindings' imported from tfjs-node"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(failing(dependency).prepare()).rejects.toMatchObject({
      reason: expect.stringContaining('does not load') as string,
    });
  });

  it('says when the package registered nothing', async () => {
    const silent = createTensorflow(variant, {}, () => Promise.resolve({}));
    await expect(silent.prepare()).rejects.toMatchObject({
      reason: expect.stringContaining('registered no backend') as string,
    });
  });

  it('takes the package for graphics cards only with a card', async () => {
    const load = (isUsingGpuDevice: boolean) => async () => {
      tf.registerBackend('tensorflow', () =>
        Object.assign(new MathBackendCPU(), { isGPUPackage: true, isUsingGpuDevice }),
      );
      return { version: { 'tfjs-node': '4.22.0' } };
    };
    const gpu = { packageName: '@tensorflow/tfjs-node-gpu', gpu: true };
    const without = createTensorflow(gpu, {}, load(false));
    await expect(without.prepare()).rejects.toMatchObject({
      reason: expect.stringContaining('found no graphics processor') as string,
    });
    expect(tf.findBackendFactory('tensorflow')).toBeNull();
    const description = await createTensorflow(gpu, {}, load(true)).prepare();
    expect(description).toEqual({ version: '4.22.0', detail: 'TensorFlow on an NVIDIA graphics processor' });
    tf.removeBackend('tensorflow');
  });
});

describe('probeBackends', () => {
  it('looks at all of them and leaves the backend as it was', async () => {
    await selectBackend('cpu');
    let time = 0;
    const known = { onnxruntime: { reason: 'it ended by SIGILL', todo: 'Use another one' } };
    const probes = await probeBackends(
      { ...plugin.backends, mine: absent },
      { now: () => (time += 2), known },
    );
    expect(tf.getBackend()).toBe('cpu');
    expect(probes.map(({ name, available }) => [name, available])).toEqual([
      ['tensorflow-gpu', false],
      ['onnxruntime', false],
      ['tensorflow', false],
      ['wasm', true],
      ['cpu', true],
      ['mine', false],
    ]);
    expect(probes[1]).toMatchObject({ ...known.onnxruntime, version: null, product: null });
    const wasm = probes[3]!;
    expect(wasm.reason).toMatch(/^WebAssembly with SIMD, 1 thread, 9 kernels mended$/);
    expect(wasm.product).toEqual({ size: 256, milliseconds: 2, gflops: (2 * 256 ** 3) / 2e6 });
    expect(probes[2]).toMatchObject({
      reason: '@tensorflow/tfjs-node is not installed',
      todo: 'Run `npm install @tensorflow/tfjs-node`',
      product: null,
    });
    expect(probes[5]).toMatchObject({ reason: 'no such machine', version: null });
  });
});
