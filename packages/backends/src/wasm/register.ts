/**
 * Puts the mended kernels in the place of tfjs's own, for backend `wasm` only. tfjs keeps its kernels in a registry
 * of the process, so this holds for the process, too; doing it again changes nothing.
 */
import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type DataType,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { alias, type WasmBackend } from './heap.js';
import { batchMatMul } from './kernels/batch-mat-mul.js';
import { cast } from './kernels/cast.js';
import { cumsum, type CumsumAttributes } from './kernels/cumsum.js';
import {
  fusedMatMul,
  type FusedAttributes,
  type FusedInputs,
  type RunKernel,
} from './kernels/fused-mat-mul.js';
import { oneHot, type OneHotAttributes } from './kernels/one-hot.js';
import { mean, sum, type ReductionAttributes } from './kernels/sum.js';
import { unsortedSegmentSum } from './kernels/unsorted-segment-sum.js';
import { LongSums } from './long-sums.js';
import { Products } from './products.js';

const BACKEND = 'wasm';
/** On a kernel function of ours: the backend instance whose heap it works on, and what it replaced. */
const MENDING = Symbol('ligature: mending');

interface Mending {
  readonly backend: WasmBackend;
  readonly stock: KernelConfig | undefined;
}
type Mended = KernelFunc & { readonly [MENDING]?: Mending };

interface Call<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
}

function stockOf(name: string): KernelFunc {
  const kernel = getKernel(name, BACKEND);
  if (kernel === undefined) throw new Error(`tfjs has no kernel ${name} for ${BACKEND}`);
  return kernel.kernelFunc;
}

/** A kernel of ours: typed inputs and attributes instead of tfjs's open maps. */
function kernel<Inputs, Attributes>(run: (call: Call<Inputs, Attributes>) => TensorInfo): KernelFunc {
  return ({ inputs, attrs }) => run({ inputs: inputs as Inputs, attrs: attrs as Attributes });
}

function mendedKernels(backend: WasmBackend): Record<(typeof MENDED_KERNELS)[number], KernelFunc> {
  const products = new Products(backend);
  const { module } = products.workspace;
  const sums = new LongSums(module, backend);
  const run: RunKernel = (name, inputs, attrs = {}) =>
    stockOf(name)({ inputs: inputs as never, backend, attrs: attrs as never }) as TensorInfo;
  const stockSum = stockOf('Sum');
  const stockMean = stockOf('Mean');
  const stockCumsum = stockOf('Cumsum');
  const stockCast = stockOf('Cast');
  const stockIdentity = stockOf('Identity');

  return {
    BatchMatMul: kernel<{ a: TensorInfo; b: TensorInfo }, { transposeA: boolean; transposeB: boolean }>(
      ({ inputs: { a, b }, attrs: { transposeA, transposeB } }) =>
        batchMatMul(products, backend, a, b, transposeA, transposeB),
    ),
    _FusedMatMul: kernel<FusedInputs, FusedAttributes>(({ inputs, attrs }) =>
      fusedMatMul(products, backend, run, inputs, attrs),
    ),
    UnsortedSegmentSum: kernel<{ x: TensorInfo; segmentIds: TensorInfo }, { numSegments: number }>(
      ({ inputs: { x, segmentIds }, attrs: { numSegments } }) =>
        unsortedSegmentSum(module, backend, sums, x, segmentIds, numSegments),
    ),
    Sum: ({ inputs, attrs }) => {
      const { x } = inputs as { x: TensorInfo };
      return (
        sum(sums, x, attrs as unknown as ReductionAttributes) ?? stockSum({ inputs, backend, attrs: attrs! })
      );
    },
    Mean: ({ inputs, attrs }) => {
      const { x } = inputs as { x: TensorInfo };
      return (
        mean(sums, backend, x, attrs as unknown as ReductionAttributes) ??
        stockMean({ inputs, backend, attrs: attrs! })
      );
    },
    Cumsum: ({ inputs, attrs }) => {
      const { x } = inputs as { x: TensorInfo };
      return (
        cumsum(backend, x, attrs as unknown as CumsumAttributes) ??
        stockCumsum({ inputs, backend, attrs: attrs! })
      );
    },
    // Tensors never change, so a copy is a second handle, as tfjs's own Reshape does it; stock copies the values.
    Identity: ({ inputs, attrs }) => {
      const { x } = inputs as { x: TensorInfo };
      return x.dtype === 'string' ? stockIdentity({ inputs, backend, attrs: attrs! }) : alias(backend, x);
    },
    Cast: ({ inputs, attrs }) => {
      const { x } = inputs as { x: TensorInfo };
      const { dtype } = attrs as unknown as { dtype: DataType };
      return cast(backend, x, dtype) ?? stockCast({ inputs, backend, attrs: attrs! });
    },
    OneHot: kernel<{ indices: TensorInfo }, OneHotAttributes>(({ inputs: { indices }, attrs }) =>
      oneHot(backend, indices, attrs),
    ),
  };
}

/** Names of the kernels that `mendWasmKernels` replaces or adds. */
export const MENDED_KERNELS = [
  'BatchMatMul',
  '_FusedMatMul',
  'UnsortedSegmentSum',
  'Sum',
  'Mean',
  'Cumsum',
  'Identity',
  'Cast',
  'OneHot',
] as const;

/**
 * Mends the kernels of a running wasm backend. Returns their names.
 * @throws Error when the machine lacks WebAssembly SIMD or tfjs hides its heap; nothing is changed then.
 */
export function mendWasmKernels(backend: WasmBackend): readonly string[] {
  if (mendingOf('BatchMatMul')?.backend === backend) return MENDED_KERNELS;
  restoreWasmKernels();
  const mended = mendedKernels(backend);
  for (const name of MENDED_KERNELS) {
    const stock = getKernel(name, BACKEND);
    const kernelFunc = Object.assign(mended[name], { [MENDING]: { backend, stock } satisfies Mending });
    // Of a stock kernel that is replaced, the set-up still runs should tfjs start the backend anew.
    replaceKernel({ ...stock, kernelName: name, backendName: BACKEND, kernelFunc });
  }
  return MENDED_KERNELS;
}

/** Puts tfjs's own kernels back. */
export function restoreWasmKernels(): void {
  for (const name of MENDED_KERNELS) {
    const mending = mendingOf(name);
    if (mending === undefined) continue;
    if (mending.stock === undefined) unregisterKernel(name, BACKEND);
    else replaceKernel(mending.stock);
  }
}

function mendingOf(name: string): Mending | undefined {
  return (getKernel(name, BACKEND)?.kernelFunc as Mended | undefined)?.[MENDING];
}

/** tfjs warns when a kernel is registered over another one. */
function replaceKernel(config: KernelConfig): void {
  if (getKernel(config.kernelName, BACKEND) !== undefined) unregisterKernel(config.kernelName, BACKEND);
  registerKernel(config);
}
