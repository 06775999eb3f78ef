/** tfjs's cpu backend under other names, and what can be wrong with a backend. */
import { defineBackend, definePlugin, type Backend, type Plugin } from '@ligature/core';
import type { CheckBackendOptions } from '@ligature/testing';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { DataId, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = { threads: z.int().min(1).default(1).describe('threads') };

interface Machine {
  readonly make?: () => MathBackendCPU;
  /** Kernels in the place of the cpu backend's; `null`: none. */
  readonly kernels?: Readonly<Record<string, ((good: KernelFunc) => KernelFunc) | null>>;
}

let named = 0;

function register(name: string, { make = () => new MathBackendCPU(), kernels = {} }: Machine): void {
  tf.registerBackend(name, make);
  for (const { kernelName, kernelFunc, ...config } of tf.getKernelsForBackend('cpu')) {
    const change = kernels[kernelName];
    if (change === null) continue;
    tf.registerKernel({
      ...config,
      kernelName,
      backendName: name,
      kernelFunc: change ? change(kernelFunc) : kernelFunc,
    });
  }
}

type Change = (inside: { good: Backend; tfjsName: string }) => Partial<Backend>;

function backendPlugin(
  machine: Machine = {},
  change: Change = () => ({}),
  meta: EntryFault['meta'] = {},
): Plugin {
  // A name of its own, so that no fault outlives its test.
  const tfjsName = `sample-${(named += 1)}`;
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    backends: {
      [NAME]: defineBackend({
        meta: { summary: 'The cpu backend', options: z.strictObject(fields), ...meta },
        create() {
          const good: Backend = {
            tfjsName,
            prepare() {
              if (!tf.findBackendFactory(tfjsName)) register(tfjsName, machine);
              return Promise.resolve({ version: '1.0.0', detail: 'plain loops' });
            },
          };
          return { ...good, ...change({ good, tfjsName }) };
        },
      }),
    },
  });
}

export const goodBackend = backendPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  plugin: Plugin,
  more: Pick<Violator<CheckBackendOptions>, 'also' | 'options'> = {},
): Violator<CheckBackendOptions> => ({ rule, fault, found, plugin, ...more });

const computing = (kernel: string, change: (good: KernelFunc) => KernelFunc): Plugin =>
  backendPlugin({ kernels: { [kernel]: change } });

interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Products with a zero in the place of the first value, for some of them. */
const wrongProduct = (wrong: (attributes: ProductAttributes, values: Float32Array) => boolean): Plugin =>
  computing('BatchMatMul', (good) => (given) => {
    const result = good(given) as TensorInfo;
    const values = (given.backend as MathBackendCPU).data.get(result.dataId).values as Float32Array;
    if (wrong(given.attrs as unknown as ProductAttributes, values)) values[0]! += 1;
    return result;
  });

/** Changes the first values of what a kernel gives. */
const wrongValues =
  (change: (values: Float32Array) => void) =>
  (good: KernelFunc): KernelFunc =>
  (given) => {
    const result = good(given) as TensorInfo;
    change((given.backend as MathBackendCPU).data.get(result.dataId).values as Float32Array);
    return result;
  };

class ForgetsNaN extends MathBackendCPU {
  override readSync(dataId: DataId): ReturnType<MathBackendCPU['readSync']> {
    const values = super.readSync(dataId);
    return values instanceof Float32Array ? values.map((value) => (Number.isNaN(value) ? 0 : value)) : values;
  }
}

/** Frees everything but buffers of four values. */
class KeepsSome extends MathBackendCPU {
  override disposeData(dataId: DataId, force = false): boolean {
    const { values } = this.data.get(dataId) ?? {};
    return (values as ArrayLike<unknown> | undefined)?.length === 4
      ? false
      : super.disposeData(dataId, force);
  }
}

class Empties extends MathBackendCPU {
  override dispose(): void {
    this.data = new tf.DataStorage(this, tf.engine());
  }
}

const switching: Change = ({ good, tfjsName }) => ({
  async prepare() {
    const description = await good.prepare();
    await tf.setBackend(tfjsName);
    return description;
  },
});

export const backendViolators: readonly Violator<CheckBackendOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: backendPlugin({}, undefined, meta),
  })),
  violator(
    'creates',
    'has no name',
    /its tfjsName is ""/,
    backendPlugin({}, () => ({ tfjsName: '' })),
  ),
  violator(
    'creates',
    'starts before it is asked to',
    /create changed what tfjs runs on: known/,
    backendPlugin({}, ({ tfjsName }) => {
      register(`${tfjsName}-${(named += 1)}`, {});
      tf.findBackend(`${tfjsName}-${named}`);
      return {};
    }),
  ),
  violator(
    'prepares',
    'says nothing of itself',
    /prepare gave undefined/,
    backendPlugin({}, ({ good }) => ({
      prepare: () => good.prepare().then(() => undefined as never),
    })),
  ),
  violator(
    'prepares',
    'cannot run',
    /prepare was rejected with Error: no such device/,
    backendPlugin({}, () => ({
      prepare: () => Promise.reject(new Error('no such device')),
    })),
  ),
  violator(
    'prepares',
    'cannot run and does not say why',
    /rejected with "", which says nothing/,
    backendPlugin({}, () => ({
      prepare: () => Promise.reject(''),
    })),
    { options: { mayBeUnavailable: true } },
  ),
  violator(
    'prepares',
    'registers nothing',
    /tf.setBackend\("nowhere"\) fails/,
    backendPlugin({}, () => ({ tfjsName: 'nowhere' })),
  ),
  violator(
    'prepares-again',
    'starts anew each time',
    /it lost the values of a tensor/,
    backendPlugin({ make: () => new Empties() }, ({ good, tfjsName }) => ({
      prepare() {
        if (tf.findBackendFactory(tfjsName)) {
          for (const { kernelName } of tf.getKernelsForBackend(tfjsName))
            tf.unregisterKernel(kernelName, tfjsName);
          tf.removeBackend(tfjsName);
        }
        return good.prepare();
      },
    })),
  ),
  violator(
    'prepares-again',
    'counts how often it was prepared',
    /prepared again, its detail is .* at first and/,
    backendPlugin({}, ({ good }) => ({
      prepare: async () => ({ ...(await good.prepare()), detail: `prepared ${(named += 1)} times` }),
    })),
  ),
  violator(
    'keeps-current',
    'switches to itself',
    /after prepare tfjs uses "sample-/,
    backendPlugin({}, switching),
  ),
  violator(
    'products',
    'is wrong where both operands are transposed',
    /the left one transposed, the right one transposed is/,
    wrongProduct(({ transposeA, transposeB }) => transposeA && transposeB),
  ),
  violator('elementwise', 'has no erf', /erf threw Error/, backendPlugin({ kernels: { Erf: null } })),
  violator(
    'reductions',
    'takes the last of equals',
    /argMax, the first of equals is \[2,2\]/,
    computing(
      'ArgMax',
      wrongValues((values) => {
        if (values[0] === 1) values[0] = 2;
      }),
    ),
  ),
  violator(
    'places',
    'is off by one in a scatter',
    /scatterND/,
    computing(
      'ScatterNd',
      wrongValues((values) => values.reverse()),
    ),
  ),
  violator(
    'dtypes',
    'rounds where it should cut off',
    /a cast to int32, which cuts off is \[-2,2,0\]/,
    computing('Cast', (good) => (given) => {
      const result = good(given) as TensorInfo;
      const { x } = given.inputs as { x: TensorInfo };
      if (x.dtype !== 'float32' || result.dtype !== 'int32') return result;
      const { data } = given.backend as MathBackendCPU;
      data.get(result.dataId).values = Int32Array.from(data.get(x.dataId).values as Float32Array, (value) =>
        Math.round(value),
      );
      return result;
    }),
  ),
  violator(
    'reads',
    'reads NaN as 0',
    /with data, float32 value 0 is NaN as written and 0 as read/,
    backendPlugin({ make: () => new ForgetsNaN() }),
  ),
  violator(
    'gradients',
    'is wrong for small transposed operands',
    /the gradient by the right operand is/,
    wrongProduct(({ transposeA, transposeB }, values) => transposeA && !transposeB && values.length === 8),
  ),
  violator(
    'releases',
    'keeps small buffers',
    /numDataBuffers/,
    backendPlugin({ make: () => new KeepsSome() }),
  ),
  violator(
    'repeats',
    'adds up in another order each time',
    /value \d+ is .* at first/,
    (() => {
      let calls = 0;
      return computing(
        'Softmax',
        wrongValues((values) => (values[0]! += 1e-7 * ((calls += 1) % 5))),
      );
    })(),
  ),
];
