/** Registers all kernels with tfjs: the lowered ones, and tfjs's CPU kernels for everything else. */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.js';
import { isGraphDataType, sizeOf } from '../onnx/element-types.js';
import { Lowering } from './lowering.js';
import type { LoweredKernel } from './lowering.js';

type AnyInputs = Readonly<Record<string, TensorInfo | TensorInfo[] | undefined>>;

function fitsGraph(inputs: AnyInputs): boolean {
  return Object.values(inputs).every((input) => {
    if (input === undefined || input === null) return true;
    return (Array.isArray(input) ? input : [input]).every(
      ({ dtype, shape }) => isGraphDataType(dtype) && sizeOf(shape) > 0,
    );
  });
}

export function registerKernels(backendName: string, kernels: readonly LoweredKernel[]): void {
  const lowered = new Set(kernels.map(({ name }) => name));
  for (const { name, lower, group, anyInput } of kernels) {
    if (tf.getKernel(name, backendName)) continue;
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const owner = backend as OnnxRuntimeBackend;
        if (anyInput || fitsGraph(inputs)) {
          owner.beginKernel(name, group?.(attrs as never));
          const result = lower(new Lowering(owner), inputs as never, attrs as never);
          if (result !== null) return result;
        }
        return owner.fallback.run(name, inputs, attrs as NamedAttrMap);
      },
    });
  }
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (lowered.has(kernelName) || tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as OnnxRuntimeBackend).fallback.run(kernelName, inputs, attrs as NamedAttrMap),
    });
  }
}
