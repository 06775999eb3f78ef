/**
 * The matrices of each layer and their gradients, as numbers. Norms and biases are left out: gains begin at one in
 * every layer and would make all layers alike. So are components that are not to be tied.
 */
import type { Batch, Objective, ParameterSpec, ParameterView, Stack } from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { tensorBatch } from '../tensor-batch.js';
import type { Pieces } from './cosine.js';

/** Block parameters of rank 2 and more, of the components that the registry ties. */
export function matricesOf({ stack, options }: WeightRegistry): ParameterSpec[] {
  return stack.parameters.filter(
    ({ sharing, shape, component }) =>
      sharing === 'block' &&
      shape.length >= 2 &&
      (component === undefined || options.components.includes(component)),
  );
}

/** The matrices that each layer uses; layers that share all of them are one and the same object. */
export async function weightsOfLayers(registry: WeightRegistry): Promise<Pieces[]> {
  const view = registry.view();
  const matrices = matricesOf(registry);
  const layers: { readonly tensors: readonly Tensor[]; readonly pieces: Pieces }[] = [];
  for (let layer = 0; layer < registry.stack.layers; layer += 1) {
    const tensors = matrices.map(({ name }) => view.block(layer, name));
    const same = layers.find((one) => one.tensors.every((tensor, at) => tensor === tensors[at]));
    layers.push({ tensors, pieces: same?.pieces ?? (await numbersOf(tensors)) });
  }
  return layers.map(({ pieces }) => pieces);
}

/**
 * The gradient of the mean loss of a batch by the matrices as each position uses them: every layer is differentiated
 * as if its weights were its own, at the values that it has. The gradient of a shared block is the sum of these.
 */
export async function gradientsOfLayers(
  objective: Objective,
  registry: WeightRegistry,
  batch: Batch,
): Promise<Pieces[]> {
  const matrices = matricesOf(registry);
  const view = registry.view();
  const gradients = tf.tidy(() => {
    // Copies: what two positions share must be two inputs to the tape.
    const leaves = layersOf(objective).flatMap((layer) =>
      matrices.map(({ name }) => tf.clone(view.block(layer, name))),
    );
    const fields = tensorBatch(batch);
    const loss = (...given: Tensor[]) =>
      objective.loss(positionView(view, matrices, given), fields, { training: false });
    return tf.grads(loss)(leaves);
  });
  try {
    const layers: Pieces[] = [];
    for (const layer of layersOf(objective)) {
      layers.push(await numbersOf(gradients.slice(layer * matrices.length, (layer + 1) * matrices.length)));
    }
    return layers;
  } finally {
    tf.dispose(gradients);
  }
}

/** A view whose matrices come from a list: those of layer 0, then those of layer 1, and so on. */
function positionView(
  view: ParameterView,
  matrices: readonly ParameterSpec[],
  given: readonly Tensor[],
): ParameterView {
  const places = new Map(matrices.map(({ name }, at) => [name, at]));
  return {
    global: (name) => view.global(name),
    block(layer, name) {
      const at = places.get(name);
      return at === undefined ? view.block(layer, name) : given[layer * matrices.length + at]!;
    },
  };
}

const layersOf = ({ layers }: Stack): number[] => Array.from({ length: layers }, (_, layer) => layer);

async function numbersOf(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  const pieces: Float32Array[] = [];
  // A copy: what a backend gives may be written over by the next step.
  for (const tensor of tensors) pieces.push(Float32Array.from(await tensor.data<'float32'>()));
  return pieces;
}
