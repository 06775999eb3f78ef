/** A registry in miniature: named tensors, and views that resolve a tie map in both gradient modes. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Model, ParameterView, TieMap } from '@ligature/core';

/** Full names of what a tie map trains: the globals and the blocks of the independent layers. */
export function trainableNames(model: Model, tieMap: TieMap): string[] {
  const block = model.parameters.filter((spec) => spec.scope === 'block').map((spec) => spec.name);
  return [
    ...model.parameters.filter((spec) => spec.scope === 'global').map((spec) => spec.name),
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

/** Loss, and its gradient by full name, on one batch. Everything is freed but what is returned as arrays. */
export function lossAndGradients(
  model: Model,
  tieMap: TieMap,
  tensors: ReadonlyMap<string, Tensor>,
  gradient: 'sum' | 'owner',
  rows: readonly (readonly number[])[],
): { loss: number; gradients: Map<string, Float32Array> } {
  const names = trainableNames(model, tieMap);
  const gradients = new Map<string, Float32Array>();
  let loss = NaN;
  tf.tidy(() => {
    const inputs = tf.tensor2d(
      rows.map((row) => row.slice(0, -1)),
      undefined,
      'int32',
    );
    const labels = tf.tensor2d(
      rows.map((row) => row.slice(1)),
      undefined,
      'int32',
    );
    const copies = new Map([...tensors].map(([name, tensor]) => [name, tf.clone(tensor)]));
    const { value, grads } = tf.valueAndGrads((...leaves: Tensor[]) => {
      const live = new Map(tensors);
      names.forEach((name, i) => live.set(name, leaves[i]!));
      const view = viewOf(model, tieMap, live, gradient === 'owner' ? copies : undefined);
      return model.loss(view, inputs, labels, { training: true });
    })(names.map((name) => tensors.get(name)!));
    names.forEach((name, i) => gradients.set(name, grads[i]!.dataSync() as Float32Array));
    loss = value.dataSync()[0]!;
  });
  return { loss, gradients };
}
