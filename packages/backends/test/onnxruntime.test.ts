/** The entry for ONNX Runtime: its options and threads, and what is said where it cannot run. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import * as engine from '@ligature/backend-onnxruntime';
import { defineBackend, InputError, type AnyEntry } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOnnxRuntime } from '../src/entries/onnxruntime.js';
import { AUTOMATIC_ORDER, plugin, selectBackend } from '../src/index.js';

const { OnnxRuntimeError } = engine;

const unavailable = ((): string | null => {
  try {
    engine.loadBinding();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
})();
if (unavailable !== null) console.log(`not tested: ONNX Runtime at work: ${unavailable}`);

async function refusal(choice: Parameters<typeof selectBackend>[0], source = {}): Promise<InputError> {
  const error: unknown = await selectBackend(choice, { ...plugin.backends, ...source }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

/** The entry with another package behind it. */
const entryOf = (from: Parameters<typeof createOnnxRuntime>[2]): AnyEntry<'backends'> =>
  defineBackend({
    meta: { summary: 'of a test', options: z.strictObject({}) },
    create: (_options, context) => createOnnxRuntime({ provider: 'cpu' }, context, from),
  });

const relocation = 'Error relocating onnxruntime_binding.node: __vsnprintf_chk: symbol not found';
const musl = entryOf(() =>
  Promise.resolve({
    ...engine,
    loadBinding: () => {
      throw new OnnxRuntimeError('binary-missing', `no binary loads: ${relocation}`, 'Use the wasm backend');
    },
  }),
);

describe.skipIf(unavailable !== null)('onnxruntime', () => {
  it('runs with the threads of its options, of the context, or with all cores', async () => {
    const detail = async (options: object, context = {}): Promise<string> =>
      (await selectBackend({ name: 'onnxruntime', options }, plugin.backends, { context })).detail;
    expect(await detail({ threads: 1 }, { threads: 3 })).toBe('ONNX Runtime, 1 thread');
    expect((tf.backend() as engine.OnnxRuntimeBackend).options).toMatchObject({
      threads: 1,
      provider: 'cpu',
    });
    expect(await detail({}, { threads: 3 })).toBe('ONNX Runtime, 3 threads');
    const cores = availableParallelism();
    expect(await detail({})).toBe(`ONNX Runtime, ${cores} ${cores === 1 ? 'thread' : 'threads'}`);
    expect(await tf.matMul([[1, 2]], [[3], [4]]).array()).toEqual([[11]]);
  });

  it('stays as it is, with its tensors, when it is selected again', async () => {
    await selectBackend({ name: 'onnxruntime', options: { threads: 2 } });
    const [backend, kept] = [tf.backend(), tf.square([1, 2, 3])];
    await selectBackend('onnxruntime', plugin.backends, { context: { threads: 2 } });
    expect(tf.backend()).toBe(backend);
    expect(await kept.array()).toEqual([1, 4, 9]);
    kept.dispose();
    await selectBackend({ name: 'onnxruntime', options: { threads: 1 } });
    expect(tf.backend()).not.toBe(backend);
  });

  it('is the first of all that need no graphics card', async () => {
    const { 'tensorflow-gpu': _card, ...host } = plugin.backends;
    const { name, version, notice } = await selectBackend('auto', host);
    expect([name, version, notice]).toEqual(['onnxruntime', engine.loadBinding().version, null]);
    expect(AUTOMATIC_ORDER).toEqual(['tensorflow-gpu', 'onnxruntime', 'tensorflow', 'wasm', 'cpu']);
  });
});

describe('onnxruntime where it cannot run', () => {
  it.each([
    [{ provider: 'gpu' }, 'provider'],
    [{ threads: 0 }, 'threads'],
    [{ threads: 1.5 }, 'threads'],
    [{ cores: 2 }, 'cores'],
  ])('refuses the options %j', async (options, named) => {
    const error = await refusal({ name: 'onnxruntime', options });
    expect(error.code).toBe('options-invalid');
    expect(error.parts.found).toContain(named);
  });

  it('says what to do when asked for by name: no package, no binary', async () => {
    const missing = entryOf(() =>
      Promise.reject(new Error("Cannot find package '@ligature/backend-onnxruntime'\n at …")),
    );
    const absent = await refusal('onnxruntime', { onnxruntime: missing });
    expect([absent.code, absent.parts.found]).toEqual([
      'backend-unavailable',
      "@ligature/backend-onnxruntime cannot be loaded: Cannot find package '@ligature/backend-onnxruntime'",
    ]);
    expect(absent.parts.todo).toContain('ONNXRUNTIME_NODE_INSTALL=skip npm install');

    const broken = await refusal('onnxruntime', { onnxruntime: musl });
    expect(broken.parts).toEqual({
      asked: 'Use the backend "onnxruntime"',
      found: `no binary loads: ${relocation}`,
      todo: 'Use the wasm backend',
    });
  });

  it('gives way to the next one under auto, which says so in one line', async () => {
    const source = { ...plugin.backends, onnxruntime: musl };
    const { name, notice, tried } = await selectBackend('auto', source, {
      order: ['onnxruntime', 'tensorflow', 'wasm', 'cpu'],
    });
    expect([name, tf.getBackend()]).toEqual(['wasm', 'wasm']);
    expect(notice).toBe(
      `the backend onnxruntime does not work here: no binary loads: ${relocation}; wasm is used instead, which may take several times as long. Use the wasm backend`,
    );
    expect(tried[0]).toEqual({ name: 'onnxruntime', taken: false, reason: `no binary loads: ${relocation}` });
  });

  it('says under auto, too, which command installs what npm left out', async () => {
    const left = entryOf(() =>
      Promise.reject(new Error("Cannot find package '@ligature/backend-onnxruntime'")),
    );
    const { name, notice } = await selectBackend('auto', { ...plugin.backends, onnxruntime: left });
    expect(name).not.toBe('onnxruntime');
    expect(notice).toMatch(/several times as long\. Run `.*npm install @ligature\/backend-onnxruntime`$/);
  });

  it('gives way on a processor for which there is no binary', async () => {
    // The real package, told that this is another processor before it looks for its binary.
    const program = `
      Object.defineProperty(process, 'arch', { value: 'riscv64' });
      const { selectBackend } = await import('@ligature/backends');
      const { name, notice } = await selectBackend('auto');
      const failed = await selectBackend('onnxruntime').catch(({ code, parts }) => ({ code, ...parts }));
      console.log(JSON.stringify({ name, notice, failed }));`;
    const args = ['--conditions=@ligature/source', '--import', 'tsx', '--input-type=module', '-e', program];
    const printed = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, { cwd: import.meta.dirname }, (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout);
      });
    });
    const { name, notice, failed } = JSON.parse(printed) as Record<string, never>;
    expect(name).toBe('wasm');
    expect(notice).toMatch(
      /^the backend onnxruntime does not work here: .*riscv64.*; wasm is used instead, which may take several times as long\. Binaries exist for/,
    );
    expect(failed).toMatchObject({ code: 'backend-unavailable', todo: expect.stringMatching(/glibc.*wasm/) });
  });
});
