/** A model with one of its heads, and weights for both. */
import { createRandomStream } from '@ligature/core';
import type { Head, HeadKind, Mode, Model, ParameterSpec, ParameterView, TensorBatch } from '@ligature/core';
import { projectedOutputs } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import { viewOf } from './stack.js';

export const EVALUATING: Mode = { training: false };

export interface Whole {
  readonly model: Model;
  readonly head: Head;
  readonly parameters: readonly ParameterSpec[];
}

export function wholeOf(model: Model, kind: HeadKind, outputs: number): Whole {
  const head = model.heads[kind]!(outputs);
  return { model, head, parameters: [...model.parameters, ...head.parameters] };
}

/** Random weights for every layer, tied ones included, by full name. */
export function randomWeights(
  { model, parameters }: Whole,
  seed: number,
  standardDeviation = 0.4,
): Map<string, tf.Tensor> {
  const stream = createRandomStream(seed, 'initialization');
  const make = ({ shape }: ParameterSpec): tf.Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => stream.normal(0, standardDeviation)),
      [...shape],
    );
  };
  const layers = [...Array(model.layers).keys()];
  return new Map(
    parameters.flatMap((spec) =>
      spec.sharing === 'global'
        ? [[spec.name, make(spec)] as const]
        : layers.map((layer) => [model.blockParameterName(layer, spec.name), make(spec)] as const),
    ),
  );
}

/** Every layer with the block of its own. */
export const untied = (model: Model, tensors: ReadonlyMap<string, tf.Tensor>): ParameterView =>
  viewOf(model, [...Array(model.layers).keys()], tensors);

/** [targets, outputs] */
export const outputsOf = (
  { model, head }: Whole,
  view: ParameterView,
  batch: TensorBatch,
  mode: Mode = EVALUATING,
): tf.Tensor2D =>
  tf.tidy(() => projectedOutputs(head.project(view, model.encode(view, batch, mode), batch, mode)));
