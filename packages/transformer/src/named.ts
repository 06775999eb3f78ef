/** Products and norms by the names of their weights, as PyTorch's modules name them. */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { layerNorm, linear, mlp } from '@ligature/nn';
import type { Activation } from '@ligature/nn';

/** A weight by its name, of a layer or of all. */
export type Weight = (name: string) => Tensor;

const vector = (weight: Weight, name: string): Tensor1D => weight(name) as Tensor1D;
const matrix = (weight: Weight, name: string): Tensor2D => weight(name) as Tensor2D;

/** x [rows, in] -> [rows, out] */
export const affine = (x: Tensor2D, weight: Weight, name: string, bias = true): Tensor2D =>
  linear(x, matrix(weight, `${name}.weight`), bias ? vector(weight, `${name}.bias`) : undefined, 'outputs');

/** x [rows, width] -> [rows, width] */
export const norm = (x: Tensor2D, weight: Weight, name: string, epsilon: number): Tensor2D =>
  layerNorm(x, vector(weight, `${name}.weight`), vector(weight, `${name}.bias`), epsilon);

/** The MLP of BERT and of those that took its names: x [rows, width] -> [rows, width]. */
export function denseMlp(x: Tensor2D, weight: Weight, activation: Activation): Tensor2D {
  const weights = {
    input: matrix(weight, 'intermediate.dense.weight'), // [inner, width]
    inputBias: vector(weight, 'intermediate.dense.bias'),
    output: matrix(weight, 'output.dense.weight'), // [width, inner]
    outputBias: vector(weight, 'output.dense.bias'),
  };
  return mlp(x, weights, activation, 'outputs');
}
