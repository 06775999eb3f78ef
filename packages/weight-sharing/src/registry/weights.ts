/** Weights from outside or from the initializer: both become float32 tensors of the wanted shape. */
import * as tf from '@tensorflow/tfjs-core';
import { InputError, type ParameterSpec, type RandomStream } from '@ligature/core';
import { sizeOf } from './block-parameters.js';

/** Weights as plain data: what files hold. */
export interface WeightArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Weights by full parameter name. Tensors are copied, never taken over. */
export type NamedWeights = ReadonlyMap<string, tf.Tensor | WeightArray>;

/** A fresh tensor as the parameter's initializer says; normal deviates come from `stream`, row-major. */
export function sampleWeight(spec: ParameterSpec, stream: () => RandomStream): tf.Tensor {
  const { initializer } = spec;
  if (initializer.kind === 'constant') return tf.fill([...spec.shape], initializer.value);
  const values = new Float32Array(sizeOf(spec));
  const random = stream();
  for (let index = 0; index < values.length; index += 1) {
    values[index] = random.normal(0, initializer.standardDeviation);
  }
  return tf.tensor(values, [...spec.shape], 'float32');
}

/**
 * A tensor with the values of `name` in `source`.
 *
 * @throws InputError (`weight-missing`, `weight-shape`, `weight-type`) when it is not there, has another shape, or is made of
 *   integers: a quantized weight without its scale would be another one
 */
export function weightFrom(source: NamedWeights, name: string, spec: ParameterSpec): tf.Tensor {
  const found = source.get(name);
  if (!found) {
    throw new InputError('weight-missing', {
      asked: `Load the weight "${name}"`,
      found: 'the given weights hold no tensor of that name',
      todo: 'Give a tensor for every parameter that the tie map leaves independent',
    });
  }
  const same =
    found.shape.length === spec.shape.length && found.shape.every((n, axis) => n === spec.shape[axis]);
  if (!same || (!(found instanceof tf.Tensor) && found.data.length !== sizeOf(spec))) {
    throw new InputError('weight-shape', {
      asked: `Load the weight "${name}" of shape [${spec.shape.join(', ')}]`,
      found: `the given tensor has shape [${found.shape.join(', ')}]`,
      todo: 'Use weights of a model with the same sizes',
    });
  }
  if (found instanceof tf.Tensor) return tf.clone(found);
  if (isIntegers(found.data)) {
    throw new InputError('weight-type', {
      asked: `Load the weight "${name}"`,
      found: 'it is stored as integers',
      todo: 'Use weights in floating point: F32, F16, BF16 or F64',
    });
  }
  return tf.tensor(Float32Array.from(found.data), [...spec.shape], 'float32');
}

const isIntegers = (data: ArrayLike<number>): boolean =>
  ArrayBuffer.isView(data) && !(data instanceof Float32Array || data instanceof Float64Array);

/** @throws InputError (`weight-superfluous`) for names that the model does not have. */
export function assertKnownWeights(source: NamedWeights, known: ReadonlySet<string>, why: string): void {
  for (const name of source.keys()) {
    if (known.has(name)) continue;
    throw new InputError('weight-superfluous', {
      asked: `Load the weight "${name}"`,
      found: why,
      todo: 'Use weights that were made for this model and tie map',
    });
  }
}
