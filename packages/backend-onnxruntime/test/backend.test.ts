/** What tfjs expects of a backend besides kernels: reference counts, reading, moving, timing, options. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerOnnxRuntime } from '../src/index.js';
import type { Session } from '../src/runtime/session.js';
import { onnxRuntime } from './support/twin.js';

let before: tf.MemoryInfo;
beforeEach(async () => {
  await tf.setBackend('onnxruntime');
  before = tf.memory();
});
afterEach(() => {
  vi.restoreAllMocks();
  tf.env().set('ONNXRUNTIME_DEBUG', false);
  tf.env().set('IS_TEST', true);
});

/** Tensors and buffers that exist now and did not before the test. */
function grown() {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return {
    tensors: numTensors - before.numTensors,
    buffers: numDataBuffers - before.numDataBuffers,
    bytes: numBytes - before.numBytes,
  };
}

describe('reference counts', () => {
  it('clones and reshapes share one buffer until the last of them goes', () => {
    const x = tf.tensor1d([1, 2, 3, 4]);
    expect(grown()).toEqual({ tensors: 1, buffers: 1, bytes: 16 });
    const views = [tf.clone(x), tf.reshape(x, [2, 2]), tf.expandDims(x, 0), tf.cast(x, 'float32')];
    expect(grown()).toMatchObject({ tensors: 5, buffers: 1 });
    expect(onnxRuntime().refCount(x.dataId)).toBe(5);
    x.dispose();
    expect(views.map((view) => view.arraySync())).toEqual([
      [1, 2, 3, 4],
      [
        [1, 2],
        [3, 4],
      ],
      [[1, 2, 3, 4]],
      [1, 2, 3, 4],
    ]);
    tf.dispose(views);
    expect(grown()).toEqual({ tensors: 0, buffers: 0, bytes: 0 });
  });

  it('reshapes are no operation', () => {
    const { compiled } = onnxRuntime().statistics.compile;
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(tf.reshape(x, [4]).arraySync()).toEqual([1, 2, 3, 4]);
    expect(onnxRuntime().statistics.compile.compiled).toBe(compiled);
    tf.disposeVariables();
    tf.dispose(x);
  });

  it('tidy disposes what is recorded and not returned, keep keeps it', () => {
    let kept: tf.Tensor | undefined;
    const y = tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      kept = tf.keep(tf.mul(x, 2));
      return tf.add(kept, x);
    });
    expect(grown()).toMatchObject({ tensors: 2, buffers: 2 });
    expect(y.arraySync()).toEqual([3, 6]);
    expect(kept!.arraySync()).toEqual([2, 4]);
    tf.dispose([y, kept!]);
    expect(grown()).toEqual({ tensors: 0, buffers: 0, bytes: 0 });
  });

  it('an input that is disposed before the graph runs is still read', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.mul(x, x);
    x.dispose();
    expect(y.arraySync()).toEqual([1, 4, 9]);
    y.dispose();
  });

  it('a disposed tensor cannot be read, a second disposal does nothing', () => {
    const x = tf.tensor1d([1]);
    x.dispose();
    x.dispose();
    expect(() => x.dataSync()).toThrow('Tensor is disposed.');
    expect(grown().tensors).toBe(0);
  });

  it('variables are assigned without copies of what they held', () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    v.assign(tf.tidy(() => tf.add(v, 1)));
    expect(v.arraySync()).toEqual([2, 3]);
    tf.disposeVariables();
  });
});

describe('values', () => {
  it('data, dataSync and array agree', async () => {
    const y = tf.tidy(() => tf.add(tf.tensor2d([1, 2, 3, 4], [2, 2]), 1));
    expect(Array.from(await y.data())).toEqual([2, 3, 4, 5]);
    expect(Array.from(y.dataSync())).toEqual([2, 3, 4, 5]);
    expect(await y.array()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    y.dispose();
  });

  it.each([4, 4096])('%i numbers that were read stay as they are when later graphs run', (length) => {
    const made = tf.tidy(() => tf.add(tf.ones([length]), 1));
    const values = made.dataSync();
    made.dispose();
    for (let i = 0; i < 4; i += 1) {
      const other = tf.tidy(() => tf.mul(tf.ones([length]), 100 + i));
      other.dataSync();
      other.dispose();
    }
    expect(new Set(values)).toEqual(new Set([2]));
  });

  it('later changes of the array a tensor was made of do not matter', () => {
    const source = new Float32Array([1, 2, 3]);
    const x = tf.tensor1d(source);
    const y = tf.mul(x, 10);
    source.fill(7);
    expect(x.arraySync()).toEqual([1, 2, 3]);
    expect(y.arraySync()).toEqual([10, 20, 30]);
    tf.dispose([x, y]);
  });

  it('strings', () => {
    const words = tf.tensor1d(['tie', 'knüpfen', '']);
    expect(words.arraySync()).toEqual(['tie', 'knüpfen', '']);
    const both = tf.concat([words, words]);
    expect(both.arraySync()).toEqual(['tie', 'knüpfen', '', 'tie', 'knüpfen', '']);
    tf.dispose([words, both]);
    expect(grown().tensors).toBe(0);
  });

  it('complex numbers are two tensors, and count as one', () => {
    const real = tf.tensor1d([1, 2]);
    const imag = tf.tensor1d([3, 4]);
    const z = tf.complex(real, imag);
    tf.dispose([real, imag]);
    expect(Array.from(z.dataSync())).toEqual([1, 3, 2, 4]);
    const sum = tf.add(z, z);
    expect(Array.from(sum.dataSync())).toEqual([2, 6, 4, 8]);
    const part = tf.imag(z);
    z.dispose();
    expect(part.arraySync()).toEqual([3, 4]);
    tf.dispose([sum, part]);
    expect(grown()).toEqual({ tensors: 0, buffers: 0, bytes: 0 });
  });

  it('tensors without elements', () => {
    const none = tf.zeros([0, 3]);
    const [sum, more] = [tf.sum(none, 0), tf.concat([none, tf.ones([1, 3])])];
    expect(none.arraySync()).toEqual([]);
    expect(sum.arraySync()).toEqual([0, 0, 0]);
    expect(more.arraySync()).toEqual([[1, 1, 1]]);
    expect(tf.matMul(tf.zeros([2, 0]), none).arraySync()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('numbers, truth values and integers keep their type', () => {
    tf.tidy(() => {
      expect(tf.greater(tf.tensor1d([1, 3]), 2).dataSync()).toEqual(new Uint8Array([0, 1]));
      expect(tf.add(tf.tensor1d([1, 3], 'int32'), tf.scalar(2, 'int32')).dataSync()).toEqual(
        new Int32Array([3, 5]),
      );
    });
  });
});

describe('moving between backends', () => {
  it('numbers and strings go there and back', async () => {
    const made = tf.tidy(() => tf.mul(tf.tensor1d([1, 2, 3]), 2));
    const words = tf.tensor1d(['a', 'b']);
    await tf.setBackend('cpu');
    const sum = tf.tidy(() => tf.add(made, 1));
    expect(sum.arraySync()).toEqual([3, 5, 7]);
    expect(tf.tidy(() => tf.concat([words, words]).arraySync())).toEqual(['a', 'b', 'a', 'b']);
    await tf.setBackend('onnxruntime');
    const back = tf.tidy(() => tf.add(sum, made));
    expect(back.arraySync()).toEqual([5, 9, 13]);
    expect(words.arraySync()).toEqual(['a', 'b']);
    tf.dispose([made, words, sum, back]);
    expect(grown()).toEqual({ tensors: 0, buffers: 0, bytes: 0 });
  });

  // Not the other way: tfjs's CPU backend takes no complex numbers from others.
  it('complex numbers come', async () => {
    await tf.setBackend('cpu');
    const z = tf.complex([1, 2], [3, 4]);
    await tf.setBackend('onnxruntime');
    // Under test tfjs counts what a kernel leaves behind, and takes the two parts of what is moved for that.
    tf.env().set('IS_TEST', false);
    expect(tf.tidy(() => Array.from(tf.add(z, z).dataSync()))).toEqual([2, 6, 4, 8]);
    z.dispose();
  });
});

describe('running', () => {
  it('nothing runs before somebody reads, and then all of it as one graph', () => {
    const { runs, flushes } = onnxRuntime().statistics;
    const y = tf.tidy(() => tf.sum(tf.exp(tf.add(tf.ones([3, 3]), 1))));
    expect(onnxRuntime().statistics).toMatchObject({ runs, flushes });
    y.dataSync();
    y.dataSync();
    expect(onnxRuntime().statistics).toMatchObject({ runs: runs + 1, flushes: flushes + 1 });
    y.dispose();
  });

  it('what nobody can read any more is not computed', () => {
    const { runs } = onnxRuntime().statistics;
    tf.tidy(() => void tf.exp(tf.ones([3])));
    tf.tensor1d([1]).dataSync();
    onnxRuntime().flush();
    expect(onnxRuntime().statistics.runs).toBe(runs);
  });

  it('equal graphs are compiled once, whatever numbers they work on', () => {
    const compute = (n: number) => {
      const x = tf.fill([5, 3], n);
      x.dataSync();
      const y = tf.tidy(() => tf.sub(tf.square(x), tf.tensor1d([n, n, n])));
      const [first] = y.dataSync();
      tf.dispose([x, y]);
      return first;
    };
    expect(compute(2)).toBe(2);
    const { compiled } = onnxRuntime().statistics.compile;
    tf.tidy(() => tf.fill([5, 3], 3).dataSync()); // the number to fill with is part of the graph
    expect(compute(3)).toBe(6);
    expect(onnxRuntime().statistics.compile.compiled).toBe(compiled + 1);
  });

  it('time covers what was recorded', async () => {
    const { runs } = onnxRuntime().statistics;
    const { kernelMs, wallMs } = await tf.time(() =>
      tf.tidy(() => tf.keep(tf.matMul(tf.ones([9, 9]), tf.ones([9, 9])))),
    );
    expect(onnxRuntime().statistics.runs).toBeGreaterThan(runs);
    expect(kernelMs).toBeGreaterThan(0);
    expect(wallMs).toBeGreaterThan(0);
  });

  it('kernels without a lowering run on the CPU kernels, are counted, and named where asked', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const count = () => onnxRuntime().statistics.fallbacks['Cumprod'] ?? 0;
    const start = count();
    const run = () => tf.tidy(() => tf.cumprod(tf.add(tf.tensor1d([1, 2, 3]), 1)).arraySync());
    expect(run()).toEqual([2, 6, 24]);
    expect(count()).toBe(start + 1);
    expect(warn).not.toHaveBeenCalled();
    tf.env().set('ONNXRUNTIME_DEBUG', true);
    run();
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('Cumprod'));
    expect(count()).toBe(start + 2);
  });

  it('a kernel that refuses its inputs leaves nothing behind', () => {
    const indices = tf.tensor1d([5], 'int32');
    const x = tf.tensor1d([1, 2]);
    expect(() => tf.tidy(() => tf.gather(x, indices))).toThrow('5 is not in [0, 1]');
    expect(() => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])))).toThrow();
    tf.dispose([indices, x]);
    expect(grown()).toEqual({ tensors: 0, buffers: 0, bytes: 0 });
  });
});

describe('options', () => {
  afterEach(async () => {
    await tf.setBackend('onnxruntime');
    if (tf.findBackendFactory('small')) tf.removeBackend('small');
  });

  it('a second name is a second backend', async () => {
    expect(registerOnnxRuntime({ name: 'small', threads: 1 })).toMatchObject({ provider: 'cpu', threads: 1 });
    await tf.setBackend('small');
    expect(onnxRuntime('small')).not.toBe(onnxRuntime());
    expect(tf.tidy(() => tf.add(1, 2).arraySync())).toBe(3);
  });

  it('keeps as many graphs as it may, the least recently used one goes first', async () => {
    registerOnnxRuntime({ name: 'small', maxSessions: 2 });
    await tf.setBackend('small');
    const of = (length: number) => tf.tidy(() => tf.add(tf.ones([length]), 1).arraySync());
    for (const length of [1, 2, 1, 3]) of(length);
    expect(onnxRuntime('small').statistics.compile).toMatchObject({
      compiled: 3,
      reused: 1,
      evicted: 1,
      kept: 2,
    });
    of(1);
    expect(onnxRuntime('small').statistics.compile).toMatchObject({ compiled: 3, reused: 2 });
    expect(of(2)).toEqual([2, 2]);
    expect(onnxRuntime('small').statistics.compile).toMatchObject({ compiled: 4, evicted: 2, kept: 2 });
  });

  it('runs what is recorded when it becomes too much', async () => {
    registerOnnxRuntime({ name: 'small', maxPendingNodes: 5 });
    await tf.setBackend('small');
    const x = tf.tidy(() => {
      let sum: tf.Tensor = tf.ones([2]);
      for (let i = 0; i < 20; i += 1) sum = tf.add(sum, 1);
      return sum;
    });
    expect(onnxRuntime('small').statistics.flushes).toBeGreaterThanOrEqual(3);
    expect(x.arraySync()).toEqual([21, 21]);
    x.dispose();
  });

  it("loses none of a kernel's several results when it becomes too much in the middle", async () => {
    registerOnnxRuntime({ name: 'small', maxPendingNodes: 1 });
    await tf.setBackend('small');
    const parts = tf.tidy(() => {
      const x = tf.add(tf.range(0, 12, 1, 'float32'), 1);
      return tf.unstack(tf.reshape(x, [4, 3])).map((part) => tf.add(part, 1));
    });
    expect(parts.map((part) => [...part.dataSync()])).toEqual([
      [2, 3, 4],
      [5, 6, 7],
      [8, 9, 10],
      [11, 12, 13],
    ]);
    tf.dispose(parts);
  });

  it('keeps no idle memory where it may not', async () => {
    registerOnnxRuntime({ name: 'small', maxIdleBytes: 0 });
    await tf.setBackend('small');
    tf.tidy(() => void tf.add(tf.ones([100]), 1).dataSync());
    expect(onnxRuntime('small').statistics.memory.idleBytes).toBe(0);
  });

  it.each([
    [{ threads: 0 }, 'threads'],
    [{ maxSessions: 1.5 }, 'maxSessions'],
    [{ maxPendingNodes: -1 }, 'maxPendingNodes'],
    [{ maxIdleBytes: NaN }, 'maxIdleBytes'],
    [{ provider: 'tpu' as 'cpu' }, 'provider'],
  ])('refuses %j', (options, name) => {
    expect(() => registerOnnxRuntime({ name: 'small', ...options })).toThrow(
      expect.objectContaining({ code: 'options-invalid', message: expect.stringContaining(`"${name}"`) }),
    );
  });
});

describe('graphs that ONNX Runtime refuses', () => {
  it('name the kernel, and leave the backend usable', () => {
    const backend = onnxRuntime();
    const x = tf.tensor1d([1, 2]);
    backend.recorder.beginKernel('Frobnicate');
    const [value] = backend.recorder.record({
      type: 'NoSuchOperator',
      inputs: [{ kind: 'value', value: backend.graphData(x).value, shape: [2] }],
      outputs: [{ type: 1, shape: [2] }],
    });
    const y = tf
      .engine()
      .makeTensorFromTensorInfo(backend.makeTensorInfo(value!.value, [2], 'float32'), backend);
    expect(() => y.dataSync()).toThrow(
      expect.objectContaining({ code: 'graph-refused', message: expect.stringContaining('Frobnicate') }),
    );
    expect(() => y.dataSync()).toThrow(expect.objectContaining({ code: 'run-failed' }));
    expect(tf.tidy(() => tf.add(x, 1).arraySync())).toEqual([2, 3]);
    expect(backend.graphData(x).value.uses).toBe(0);
    tf.dispose([x, y]);
    expect(grown().tensors).toBe(0);
  });

  it('let go of the graphs that were compiled before', () => {
    const backend = onnxRuntime();
    const x = tf.tensor1d([1, 2]);
    const released = vi.fn();
    const acquire = vi
      .spyOn(backend.sessions, 'acquire')
      .mockReturnValueOnce({ session: {} as Session, release: released })
      .mockImplementationOnce(() => {
        throw new Error('refused');
      });
    const first = tf.add(x, 1);
    backend.recorder.cut();
    const second = tf.mul(first, 2);
    expect(() => second.dataSync()).toThrow('refused');
    expect(acquire).toHaveBeenCalledTimes(2);
    expect(released).toHaveBeenCalledTimes(1);
    expect(backend.graphData(x).value.uses).toBe(0);
    tf.dispose([x, first, second]);
    expect(grown().tensors).toBe(0);
  });
});
