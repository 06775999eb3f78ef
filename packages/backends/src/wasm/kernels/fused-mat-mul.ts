/**
 * `_FusedMatMul` (product, bias, activation) on top of the mended product. The stock kernel shares the slow path,
 * and there adds the bias and clamps once for every 48 steps of the inner dimension.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap.js';
import type { Products } from '../products.js';
import { batchMatMul } from './batch-mat-mul.js';

export interface FusedInputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

export interface FusedAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

/** Runs a registered wasm kernel by name. */
export type RunKernel = (name: string, inputs: Record<string, TensorInfo>, attrs?: object) => TensorInfo;

const KERNEL_OF: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
};

/** @throws Error for an activation that it does not know. */
export function fusedMatMul(
  products: Products,
  backend: WasmBackend,
  run: RunKernel,
  { a, b, bias, preluActivationWeights }: FusedInputs,
  { transposeA, transposeB, activation, leakyreluAlpha }: FusedAttributes,
): TensorInfo {
  let out = batchMatMul(products, backend, a, b, transposeA, transposeB);
  const replaceBy = (next: TensorInfo): void => {
    backend.disposeData(out.dataId);
    out = next;
  };
  if (bias !== undefined) replaceBy(run('Add', { a: out, b: bias }));
  if (activation === 'prelu' && preluActivationWeights !== undefined) {
    replaceBy(run('Prelu', { x: out, alpha: preluActivationWeights }));
  } else if (activation === 'leakyrelu') {
    replaceBy(run('LeakyRelu', { x: out }, { alpha: leakyreluAlpha ?? 0.2 }));
  } else if (activation !== 'linear' && activation !== null && activation !== undefined) {
    const kernel = KERNEL_OF[activation];
    if (kernel === undefined) {
      backend.disposeData(out.dataId);
      throw new Error(
        `_FusedMatMul on wasm has no activation ${activation}. Apply it to the product instead.`,
      );
    }
    replaceBy(run(kernel, { x: out }));
  }
  return out;
}
