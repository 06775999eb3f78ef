/** Weights for a model under check: who reads which is noted, and which layer uses which block can be chosen. */
import { createRandomStream } from '@ligature/core';
import type { Model, ParameterSpec, ParameterView, RandomStream } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';

/** `initial`: as the specs say. `spread`: everything far from its start, so that every gradient is felt. */
export type Values = 'initial' | 'spread';

export interface Weight {
  /** Full name. */
  readonly name: string;
  readonly spec: ParameterSpec;
  /** `null` for a global one. */
  readonly layer: number | null;
}

/**
 * Every weight of the untied stack: globals, then layer by layer.
 *
 * @throws Finding (of `parameters`) when two have one name
 */
export function weightsOf(model: Model): Weight[] {
  const globals = model.parameters.filter(({ scope }) => scope === 'global');
  const blocks = model.parameters.filter(({ scope }) => scope === 'block');
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const weights = [
    ...globals.map((spec) => ({ name: spec.name, spec, layer: null })),
    ...layers.flatMap((layer) =>
      blocks.map((spec) => ({ name: model.blockParameterName(layer, spec.name), spec, layer })),
    ),
  ];
  const names = weights.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Finding(`two weights have the name "${twice}"`, 'parameters');
  const bad = names.find((name) => typeof name !== 'string' || name === '');
  if (bad !== undefined) throw new Finding(`a weight has the name ${show(bad)}`, 'parameters');
  return weights;
}

export class WeightSet {
  readonly weights: readonly Weight[];
  readonly tensors: readonly Tensor[];
  /** Full names that a view was asked for, of the layers that asked. */
  readonly read = new Set<string>();

  /** @param data values by weight; sampled if left out */
  constructor(
    readonly model: Model,
    seed: number,
    values: Values,
    data?: readonly Float32Array[],
  ) {
    this.weights = weightsOf(model);
    this.tensors = this.weights.map(({ name, spec }, index) => {
      const numbers = data?.[index] ?? sampled(spec, createRandomStream(seed, name), values);
      return tf.tensor(numbers, [...spec.shape], 'float32');
    });
  }

  /**
   * What the forward pass sees.
   *
   * @param tensors in the order of `weights`; its own if left out
   * @param tieMap the layer whose block each layer uses
   */
  view(tensors: readonly Tensor[] = this.tensors, tieMap?: readonly number[]): ParameterView {
    const byName = new Map(this.weights.map(({ name }, index) => [name, tensors[index]!]));
    const globals = new Set(this.weights.flatMap(({ name, layer }) => (layer === null ? [name] : [])));
    const blocks = new Set(this.weights.flatMap(({ spec, layer }) => (layer === null ? [] : [spec.name])));
    const undeclared = (what: string): never => {
      throw new Finding(`it reads ${what}, which its parameters do not declare`, 'reads-what-it-declares');
    };
    return {
      global: (name) => {
        if (!globals.has(name)) undeclared(`the global parameter "${name}"`);
        this.read.add(name);
        return byName.get(name)!;
      },
      block: (layer, name) => {
        const there = Number.isInteger(layer) && layer >= 0 && layer < this.model.layers;
        if (!there || !blocks.has(name)) undeclared(`the parameter "${name}" of layer ${layer}`);
        this.read.add(this.model.blockParameterName(layer, name));
        return byName.get(this.model.blockParameterName(tieMap?.[layer] ?? layer, name))!;
      },
    };
  }

  /** The values of every weight. */
  values(): Float32Array[] {
    return this.tensors.map((tensor) => tensor.dataSync().slice() as Float32Array);
  }

  dispose(): void {
    tf.dispose([...this.tensors]);
  }
}

/** The standard deviation of what is added to constants, so that a bias of zero is none any more. */
const SPREAD = 0.2;

function sampled({ initializer, shape }: ParameterSpec, random: RandomStream, values: Values): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const [mean, deviation] =
    initializer.kind === 'constant'
      ? [initializer.value, values === 'spread' ? SPREAD : 0]
      : [
          0,
          values === 'spread'
            ? Math.max(SPREAD, initializer.standardDeviation)
            : initializer.standardDeviation,
        ];
  return Float32Array.from({ length: size }, () => (deviation === 0 ? mean : random.normal(mean, deviation)));
}
