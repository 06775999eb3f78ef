/** Parameters as PyTorch's modules have them: weights N(0, 0.02), norms 1 and 0, biases 0; matrices of Linear are [out, in]. */
import type { Component, Initializer, ParameterSpec } from '@ligature/core';

const normal: Initializer = { kind: 'normal', standardDeviation: 0.02 };
const zeros: Initializer = { kind: 'constant', value: 0 };
const ones: Initializer = { kind: 'constant', value: 1 };

const global = (name: string, shape: number[], initializer: Initializer): ParameterSpec => ({
  ...{ name, shape, initializer, sharing: 'global' },
});

/** A weight that is no matrix to multiply with as it is: a table, a token, a kernel. */
export const weightSpec = (name: string, shape: number[]): ParameterSpec => global(name, shape, normal);

export const biasSpec = (name: string, length: number): ParameterSpec => global(name, [length], zeros);

/** Of a norm that only scales. */
export const gainSpec = (name: string, width: number): ParameterSpec => global(name, [width], ones);

export const linearSpecs = (name: string, from: number, to: number, bias = true): ParameterSpec[] => [
  { ...global(`${name}.weight`, [to, from], normal), rows: 'outputs' },
  ...(bias ? [biasSpec(`${name}.bias`, to)] : []),
];

export const normSpecs = (name: string, width: number): ParameterSpec[] => [
  gainSpec(`${name}.weight`, width),
  biasSpec(`${name}.bias`, width),
];

/** The same in every layer, by their names inside of it. */
export const inBlock = (component: Component, specs: readonly ParameterSpec[]): ParameterSpec[] =>
  specs.map((spec) => ({ ...spec, sharing: 'block', component }));
