/**
 * The Q-network: Linear -> ReLU -> Linear over plain Float64Arrays. A few thousand numbers do not need a tensor
 * library, and without one the learner is the same on every backend and leaks nothing.
 *
 * Weights are stored as [in, out], row-major. Their names are those of the official `nn.Sequential`.
 */
import type { RandomStream } from '@ligature/core';

export const PARAMETER_NAMES = ['q.0.weight', 'q.0.bias', 'q.2.weight', 'q.2.bias'] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];
/** One flat array for each parameter: weights, gradients, or moments. */
export type Parameters = Readonly<Record<ParameterName, Float64Array>>;

export interface MlpShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
}

export interface Activations {
  readonly input: ArrayLike<number>;
  /** [hidden], after the ReLU. */
  readonly hidden: Float64Array;
  /** [outputs] */
  readonly output: Float64Array;
}

/** Number of entries of each parameter. */
export function parameterSizes(shape: MlpShape): Record<ParameterName, number> {
  return {
    'q.0.weight': shape.inputs * shape.hidden,
    'q.0.bias': shape.hidden,
    'q.2.weight': shape.hidden * shape.outputs,
    'q.2.bias': shape.outputs,
  };
}

export function zeroParameters(shape: MlpShape): Parameters {
  const sizes = parameterSizes(shape);
  return mapParameters((name) => new Float64Array(sizes[name]));
}

export function mapParameters(make: (name: ParameterName) => Float64Array): Parameters {
  return {
    'q.0.weight': make('q.0.weight'),
    'q.0.bias': make('q.0.bias'),
    'q.2.weight': make('q.2.weight'),
    'q.2.bias': make('q.2.bias'),
  };
}

/** Zeros in the output layer: every value is 0 until something is learnt of it. */
export function withoutOutput(parameters: Parameters): Parameters {
  const isOutput = (name: ParameterName): boolean => name.startsWith('q.2');
  return mapParameters((name) => (isOutput(name) ? parameters[name].fill(0) : parameters[name]));
}

/** PyTorch's default for `nn.Linear`: weights and biases uniform in ±1/√fan_in. */
export function initialParameters(shape: MlpShape, random: RandomStream): Parameters {
  const parameters = zeroParameters(shape);
  for (const name of PARAMETER_NAMES) {
    const bound = 1 / Math.sqrt(name.startsWith('q.0') ? shape.inputs : shape.hidden);
    const values = parameters[name];
    for (let i = 0; i < values.length; i += 1) values[i] = (2 * random.uniform() - 1) * bound;
  }
  return parameters;
}

/** `input` [inputs] -> output [outputs], keeping what `accumulateGradient` needs. */
export function forward(parameters: Parameters, input: ArrayLike<number>): Activations {
  const hiddenBias = parameters['q.0.bias'];
  const outputBias = parameters['q.2.bias'];
  const hidden = affine(input, parameters['q.0.weight'], hiddenBias);
  for (let h = 0; h < hidden.length; h += 1) if (!(hidden[h]! > 0)) hidden[h] = 0;
  return { input, hidden, output: affine(hidden, parameters['q.2.weight'], outputBias) };
}

/** input [n] · weight [n, m] + bias [m] -> [m] */
function affine(input: ArrayLike<number>, weight: Float64Array, bias: Float64Array): Float64Array {
  const output = Float64Array.from(bias);
  const width = bias.length;
  for (let i = 0; i < input.length; i += 1) {
    const value = input[i]!;
    if (value === 0) continue;
    for (let o = 0; o < width; o += 1) output[o]! += value * weight[i * width + o]!;
  }
  return output;
}

/**
 * Adds to `gradient` the gradient of a loss whose derivative with respect to the output is `outputGradient`:
 * pairs of (output index, derivative), everything else zero, because a decision touches few outputs.
 */
export function accumulateGradient(
  parameters: Parameters,
  activations: Activations,
  outputGradient: readonly (readonly [index: number, derivative: number])[],
  gradient: Parameters,
): void {
  const { input, hidden } = activations;
  const outputs = activations.output.length;
  const width = hidden.length;
  const hiddenGradient = new Float64Array(width);
  for (const [index, derivative] of outputGradient) {
    gradient['q.2.bias'][index]! += derivative;
    for (let h = 0; h < width; h += 1) {
      // ReLU: a unit that is off passes nothing on, and its outgoing weight gets nothing.
      if (hidden[h] === 0) continue;
      gradient['q.2.weight'][h * outputs + index]! += derivative * hidden[h]!;
      hiddenGradient[h]! += derivative * parameters['q.2.weight'][h * outputs + index]!;
    }
  }
  for (let h = 0; h < width; h += 1) gradient['q.0.bias'][h]! += hiddenGradient[h]!;
  for (let i = 0; i < input.length; i += 1) {
    for (let h = 0; h < width; h += 1) {
      gradient['q.0.weight'][i * width + h]! += input[i]! * hiddenGradient[h]!;
    }
  }
}
