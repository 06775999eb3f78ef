/** Which backend a run computes on: ONNX Runtime repeats itself, and no run changes its backend silently. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plugin as backends, selectBackend } from '@ligature/backends';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as heuristics } from '@ligature/controller-heuristics';
import {
  defineBackend,
  LigatureError,
  PluginHost,
  type AnyEntry,
  type EventBus,
  type LigatureEvent,
  type RunConfigInput,
} from '@ligature/core';
import { plugin as datasets } from '@ligature/datasets';
import { plugin as evaluators } from '@ligature/evaluators';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as tokenizers } from '@ligature/tokenizers';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkStep, resumeTrial, runTrial, STEP_TOLERANCE, type RunEnvironment } from '../src/index.js';
import { environment, tinyConfig, withFolder } from './tiny-run.js';

const missing = await selectBackend('onnxruntime').then(
  () => null,
  (error: Error) => error.message,
);
if (missing !== null) console.log(`not tested: runs on onnxruntime: ${missing}`);

const STEPS = 8;
const base: RunConfigInput = {
  controller: 'q-learning',
  model: { layers: 3, width: 8, heads: 2, context: 8, dropout: 0.1 },
  training: { steps: STEPS, batch: 2, accumulation: 2 },
  tying: { window: 2 },
  evaluation: { every: 4, batches: 1, evaluators: ['diagnostics'] },
  checkpoint: { every: 3, everyMinutes: null },
};

/** The event log, byte for byte but for durations. */
const logOf = (folder: string): string =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8').replace(/"durationMs":[\d.e-]+/g, '"durationMs":0');

const weightsOf = (folder: string): string =>
  readFileSync(
    join(folder, 'checkpoints', `step-${String(STEPS).padStart(6, '0')}`, 'state.safetensors'),
  ).toString('base64');

/** Stops the run after a step. */
function stopAfter(last: number): Partial<RunEnvironment> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    listen: (bus) => void bus.on('step.completed').subscribe(({ step }) => step === last && abort.abort()),
  };
}

describe.skipIf(missing !== null)('on onnxruntime', () => {
  const onnxruntime: RunConfigInput = { ...base, backend: 'onnxruntime', threads: 2 };

  it('gives the same log and weights for the same seed and threads, also after a stop', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, onnxruntime);
      const [first, second, stopped] = ['first', 'second', 'stopped'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const { backend } = await runTrial(config, first, environment(folder));
      expect(backend).toMatchObject({ name: 'onnxruntime', detail: 'ONNX Runtime, 2 threads' });
      await runTrial(config, second, environment(folder));
      const log = logOf(first);
      expect(log.match(/"type":"step.completed"/g)).toHaveLength(STEPS);
      expect(log).toMatch(/"type":"controller.learned"/);
      expect(logOf(second)).toBe(log);
      expect(weightsOf(second)).toBe(weightsOf(first));

      await runTrial(config, stopped, environment(folder, stopAfter(5)));
      await resumeTrial(stopped, environment(folder));
      expect(logOf(stopped)).toBe(log);
      expect(weightsOf(stopped)).toBe(weightsOf(first));
    });
  });

  it('learns what the cpu backend learns', async () => {
    await withFolder(async (folder) => {
      const losses = async (backend: string): Promise<readonly number[]> => {
        const config = tinyConfig(folder, { ...onnxruntime, controller: 'none', backend });
        const result = await runTrial(config, join(folder, backend), environment(folder));
        return result.losses.map(({ loss }) => loss);
      };
      const [found, expected] = [await losses('onnxruntime'), await losses('cpu')];
      expect(found).toHaveLength(STEPS);
      found.forEach((loss, step) => expect(loss).toBeCloseTo(expected[step]!, 4));
    });
  });
});

describe('checkStep', () => {
  it('tells a backend that computes like cpu from one whose gradients are a little wrong', async () => {
    let now = 0;
    await tf.setBackend('cpu');
    expect(await checkStep(() => (now += 5))).toEqual({ deviation: 0, milliseconds: 5 });
    tf.copyRegisteredKernels('cpu', 'crooked');
    tf.registerBackend('crooked', () => new MathBackendCPU());
    const product = tf.getKernel('BatchMatMul', 'crooked')!;
    tf.unregisterKernel('BatchMatMul', 'crooked');
    tf.registerKernel({
      ...product,
      // Products with a transposed left operand are gradients of weights.
      kernelFunc: (params) => {
        const { transposeA } = params.attrs as { transposeA: boolean };
        if (!transposeA) return product.kernelFunc(params);
        const { a } = params.inputs as { a: tf.TensorInfo };
        const cpu = params.backend as MathBackendCPU;
        const values = (cpu.readSync(a.dataId) as Float32Array).map((value) => 1.05 * value);
        const scaled = cpu.makeTensorInfo(a.shape, 'float32', values);
        return product.kernelFunc({ ...params, inputs: { ...params.inputs, a: scaled } });
      },
    });
    await tf.setBackend('crooked');
    expect((await checkStep(() => 0)).deviation).toBeGreaterThan(STEP_TOLERANCE);
    expect(tf.getBackend()).toBe('crooked');
    await tf.setBackend('cpu');
    tf.removeBackend('crooked');
  });
});

/** As the engine throws it. */
class DeviceLost extends Error {
  readonly code = 'device-lost';
  readonly found = 'The device was lost in a graph of BatchMatMul';
  readonly todo = 'Start again';
}

/** tfjs's cpu backend under another name, whose products fail after some of them. */
function registerFailing(name: string, products: number): void {
  let left = products;
  tf.copyRegisteredKernels('cpu', name);
  tf.registerBackend(name, () => new MathBackendCPU());
  const product = tf.getKernel('BatchMatMul', name)!;
  tf.unregisterKernel('BatchMatMul', name);
  tf.registerKernel({
    ...product,
    kernelFunc: (params) => {
      left -= 1;
      if (left < 0) throw new DeviceLost('lost');
      return product.kernelFunc(params);
    },
  });
}

const entry = (tfjsName: string, prepare?: () => Promise<never>): AnyEntry<'backends'> =>
  defineBackend({
    meta: { summary: 'of a test', options: z.strictObject({}) },
    create: () => ({ tfjsName, prepare: prepare ?? (async () => ({ version: '1', detail: 'of a test' })) }),
  });
const broken = entry('cpu', () => Promise.reject(new Error('symbol not found')));

/** The onnxruntime of this host is what the test makes of it; cpu is as it is. */
function hostWith(onnxruntime: AnyEntry<'backends'>): PluginHost {
  const own = { name: 'test', version: '1', backends: { onnxruntime, cpu: backends.backends.cpu } };
  const host = new PluginHost();
  const parts = [heuristics, qLearning, datasets, evaluators, tasks, tokenizers, trainer, transformer];
  for (const plugin of [own, ...parts]) host.register(plugin);
  return host;
}

/** An environment's `listen` that keeps the notices. */
const noticesTo =
  (notices: string[]) =>
  (bus: EventBus): void =>
    void bus.on('notice.raised').subscribe(({ message }) => notices.push(message));

describe('a run', () => {
  it('says in one line which backend had to give way before it begins', async () => {
    await withFolder(async (folder) => {
      const notices: string[] = [];
      const listen = noticesTo(notices);
      const config = tinyConfig(folder, { ...base, backend: 'auto' });
      const env = environment(folder, { host: hostWith(broken), listen });
      const { backend } = await runTrial(config, join(folder, 'run'), env);
      expect(backend.name).toBe('cpu');
      expect(notices).toEqual([
        'the backend onnxruntime does not work here: symbol not found; cpu is used instead, which may take several times as long. Run `ligature doctor` to see which backends work here',
      ]);
    });
  });

  it('fails with its backend in the middle, and says what to do', async () => {
    await withFolder(async (folder) => {
      await tf.setBackend('cpu');
      registerFailing('fails-later', 700);
      const events: LigatureEvent[] = [];
      const env = environment(folder, {
        host: hostWith(entry('fails-later')),
        listen: (bus) => void bus.events$.subscribe((event) => events.push(event)),
      });
      const config = tinyConfig(folder, { ...base, backend: 'auto' });
      const error: unknown = await runTrial(config, join(folder, 'run'), env).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(LigatureError);
      expect(error).toMatchObject({ code: 'backend-device-lost', parts: { todo: 'Start again' } });
      const steps = events.filter(({ type }) => type === 'step.completed').length;
      expect(steps).toBeGreaterThan(0);
      expect(steps).toBeLessThan(STEPS);
      expect(tf.getBackend()).toBe('fails-later');
      await tf.setBackend('cpu');
      tf.removeBackend('fails-later');
    });
  });

  it('goes on with the backend on which it began, or with one that is named', async () => {
    await withFolder(async (folder) => {
      const run = join(folder, 'run');
      const config = tinyConfig(folder, { ...base, backend: 'auto' });
      const began = environment(folder, { host: hostWith(entry('cpu')), ...stopAfter(3) });
      expect((await runTrial(config, run, began)).backend.name).toBe('onnxruntime');

      const notices: string[] = [];
      const listen = noticesTo(notices);
      const here = environment(folder, { host: hostWith(broken), listen });
      await expect(resumeTrial(run, here)).rejects.toMatchObject({
        code: 'backend-gone',
        parts: {
          asked: 'Go on with the run on the backend "onnxruntime", on which it began',
          found: 'symbol not found',
          todo: expect.stringContaining('name it: --backend wasm') as string,
        },
      });
      expect(notices).toEqual([]);
      const result = await resumeTrial(run, here, { backend: 'cpu' });
      expect(result).toMatchObject({ outcome: 'completed', backend: { name: 'cpu' } });
      expect(notices).toEqual([
        'the run began on onnxruntime and goes on with cpu: its last digits will differ',
      ]);
      const { backend } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as {
        backend: { name: string };
      };
      expect(backend.name).toBe('cpu');
    });
  });
});
