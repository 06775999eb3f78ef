/** Drives an optimizer as a step does, from plain numbers to plain numbers. */
import { createRandomStream } from '@ligature/core';
import type { Optimizer, ParameterSpec, Slots, UpdateInput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

export const specOf = (shape: number[], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  name: 'weight',
  shape,
  initializer: { kind: 'constant', value: 0 },
  sharing: 'block',
  ...more,
});

export interface State {
  readonly parameter: number[];
  readonly slots: Readonly<Record<string, number[]>>;
}

export interface Update {
  readonly gradient: readonly number[];
  readonly learningRate: number;
  readonly clip?: number;
}

/** State before the first update. */
export const fresh = (optimizer: Optimizer, spec: ParameterSpec, parameter: readonly number[]): State => ({
  parameter: [...parameter],
  slots: Object.fromEntries(optimizer.slots(spec).map((name) => [name, parameter.map(() => 0)])),
});

const mapped = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

export const scalarTensors = (numbers: Readonly<Record<string, number>>): Record<string, Scalar> =>
  mapped(numbers, (value) => tf.scalar(value));

/** What a step makes once for all parameters. */
export function sharedTensors(
  optimizer: Optimizer,
  learningRate: number,
  clip: Scalar,
): UpdateInput['shared'] {
  const common = scalarTensors(optimizer.common?.(learningRate) ?? {});
  return optimizer.shared?.(clip, common) ?? { clip, ...common };
}

/** @param count updates that the state has behind it */
export function run(
  optimizer: Optimizer,
  spec: ParameterSpec,
  state: State,
  updates: readonly Update[],
  count = 0,
): State {
  const shape = [...spec.shape];
  const tensor = (values: readonly number[]): Tensor => tf.tensor(Float32Array.from(values), shape);
  const numbers = (value: Tensor): number[] => [...value.dataSync()];
  let { parameter, slots } = state;
  updates.forEach(({ gradient, learningRate, clip = 1 }, index) => {
    tf.tidy(() => {
      const factor = tf.scalar(clip);
      const next = optimizer.update({
        parameter: tensor(parameter),
        gradient: tensor(gradient),
        slots: mapped(slots, tensor) as Slots,
        scalars: scalarTensors(optimizer.scalars(learningRate, count + index + 1, spec)),
        shared: sharedTensors(optimizer, learningRate, factor),
        spec,
      });
      parameter = numbers(next.parameter);
      slots = mapped(next.slots, numbers);
    });
  });
  return { parameter, slots };
}

/** Numbers in (-1, 1) without a pattern, the same for the same seed: a matrix of them has full rank. */
export function numbersOf(seed: number, size: number): number[] {
  const stream = createRandomStream(seed, 'numbers');
  return Array.from({ length: size }, () => Math.fround(2 * stream.uniform() - 1));
}

export function largestDifference(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  // Not Math.max of the list: NaN must not pass for a small one.
  return found.reduce((largest, value, place) => {
    const difference = Math.abs(value - (expected[place] as number));
    return difference <= largest ? largest : difference;
  }, 0);
}
