/**
 * Kernels that tfjs does not define and some backends bring (`@ligature/backend-onnxruntime`). Each use has a twin of
 * tfjs's own ops beside it, for all other backends.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/** Runs the kernel of that name on the current backend; `undefined` where the backend has none. */
export function fusedKernel(
  name: string,
): ((inputs: NamedTensorMap, attributes?: NamedAttrMap) => Tensor[]) | undefined {
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  return (inputs, attributes = {}) => {
    const result: Tensor | Tensor[] = tf.engine().runKernel(name, inputs, attributes);
    return Array.isArray(result) ? result : [result];
  };
}
