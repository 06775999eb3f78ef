/** A registry in miniature: named tensors, and views that resolve a tie map in both gradient modes. */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Model, ParameterSpec, ParameterView, TieMap } from '@ligature/core';

/** Full names of what a tie map trains: the globals and the blocks of the independent layers. */
export function trainableNames(
  model: Model,
  tieMap: TieMap,
  parameters: readonly ParameterSpec[] = model.parameters,
): string[] {
  const block = parameters.filter((spec) => spec.sharing === 'block').map((spec) => spec.name);
  return [
    ...parameters.filter((spec) => spec.sharing === 'global').map((spec) => spec.name),
    ...tieMap.flatMap((source, layer) =>
      source === layer ? block.map((name) => model.blockParameterName(layer, name)) : [],
    ),
  ];
}

/**
 * `sum`: a tied layer reads the very tensor of its owner, so autodiff adds its use to the owner's gradient.
 * `owner`: it reads a copy, which must have been made outside the tape, so its use counts nothing.
 */
export function viewOf(
  model: Model,
  tieMap: TieMap,
  tensors: ReadonlyMap<string, Tensor>,
  copies?: ReadonlyMap<string, Tensor>,
): ParameterView {
  return {
    global: (name) => tensors.get(name)!,
    block: (layer, name) => {
      const source = tieMap[layer]!;
      return (source === layer ? tensors : (copies ?? tensors)).get(model.blockParameterName(source, name))!;
    },
  };
}

/**
 * A loss, and its gradient by full name. Everything is freed but what is returned as arrays.
 *
 * @param names what it is derived by
 */
export function lossAndGradients(
  model: Model,
  tieMap: TieMap,
  tensors: ReadonlyMap<string, Tensor>,
  gradient: 'sum' | 'owner',
  names: readonly string[],
  loss: (view: ParameterView) => Scalar,
): { loss: number; gradients: Map<string, Float32Array> } {
  const gradients = new Map<string, Float32Array>();
  let found = NaN;
  tf.tidy(() => {
    const copies = new Map([...tensors].map(([name, tensor]) => [name, tf.clone(tensor)]));
    const { value, grads } = tf.valueAndGrads((...leaves: Tensor[]) => {
      const live = new Map(tensors);
      names.forEach((name, i) => live.set(name, leaves[i]!));
      return loss(viewOf(model, tieMap, live, gradient === 'owner' ? copies : undefined));
    })(names.map((name) => tensors.get(name)!));
    names.forEach((name, i) => gradients.set(name, grads[i]!.dataSync() as Float32Array));
    found = value.dataSync()[0]!;
  });
  return { loss: found, gradients };
}
