/** Gradients beside differences of what they are the gradients of. */
import { createRandomStream } from '@ligature/core';

/** Steps of the differences: small beside weights of about 0.2, large beside the rounding of float32 outputs. */
const STEP = 0.02;

/** Central differences of two widths, extrapolated (Richardson): the error is of the fourth order in the step. */
export function slope(along: (step: number) => number): number {
  const central = (step: number): number => (along(step) - along(-step)) / (2 * step);
  return (4 * central(STEP / 2) - central(STEP)) / 3;
}

/** Rounding of a loss of about one, and half a hundredth of the gradient. */
export const tolerance = (gradient: Float32Array): number => 5e-5 + 0.005 * norm(gradient);

/** Along the gradient itself, which shows a wrong size, and across every value, which shows what is missing. */
export function directionsOf(gradient: Float32Array, index: number): Float32Array[] {
  const random = createRandomStream(index, 'direction');
  const signs = gradient.map(() => (random.uniform() < 0.5 ? -1 : 1));
  return [gradient, signs].flatMap((one) => {
    const length = norm(one);
    return length === 0 ? [] : [one.map((value) => value / length)];
  });
}

export const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);
export const norm = (values: Float32Array): number => Math.sqrt(dot(values, values));
export const digits = (value: number): string => value.toPrecision(4);
