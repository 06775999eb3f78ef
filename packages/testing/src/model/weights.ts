/** Weights for a model under check: who reads which is noted, and which layer uses which block can be chosen. */
import { createRandomStream } from '@ligature/core';
import type { ParameterSpec, ParameterView, RandomStream, Stack } from '@ligature/core';
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

/** What a set of weights is made for: a model, or a model with heads and adapters around it. */
export type Layers = Pick<Stack, 'layers' | 'parameters' | 'blockParameterName'>;

/**
 * Every weight of the untied stack: globals, then layer by layer.
 *
 * @throws Finding (of `parameters`) when two have one name
 */
export function weightsOf(stack: Layers): Weight[] {
  const globals = stack.parameters.filter(({ sharing }) => sharing === 'global');
  const layered = stack.parameters.filter(({ sharing }) => sharing !== 'global');
  const layers = Array.from({ length: stack.layers }, (_, layer) => layer);
  const weights = [
    ...globals.map((spec) => ({ name: spec.name, spec, layer: null })),
    ...layers.flatMap((layer) =>
      layered.map((spec) => ({ name: stack.blockParameterName(layer, spec.name), spec, layer })),
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
    readonly stack: Layers,
    seed: number,
    values: Values,
    data?: readonly Float32Array[],
  ) {
    this.weights = weightsOf(stack);
    this.tensors = this.weights.map(({ name, spec }, index) => {
      const numbers = data?.[index] ?? sampled(spec, createRandomStream(seed, name), values);
      return tf.tensor(numbers, [...spec.shape], 'float32');
    });
  }

  /**
   * What the forward pass sees.
   *
   * @param tensors in the order of `weights`; its own if left out
   * @param tieMap the layer whose block each layer uses; parameters of a position stay those of their layer
   */
  view(tensors: readonly Tensor[] = this.tensors, tieMap?: readonly number[]): ParameterView {
    const byName = new Map(this.weights.map(({ name }, index) => [name, tensors[index]!]));
    const globals = new Set(this.weights.flatMap(({ name, layer }) => (layer === null ? [name] : [])));
    const layered = new Map(
      this.weights.flatMap(({ spec, layer }) => (layer === null ? [] : [[spec.name, spec]])),
    );
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
        const there = Number.isInteger(layer) && layer >= 0 && layer < this.stack.layers;
        const spec = layered.get(name);
        if (!there || !spec) return undeclared(`the parameter "${name}" of layer ${layer}`);
        this.read.add(this.stack.blockParameterName(layer, name));
        const owner = spec.sharing === 'block' ? (tieMap?.[layer] ?? layer) : layer;
        return byName.get(this.stack.blockParameterName(owner, name))!;
      },
    };
  }

  /** Place of the weight that `weight` uses under a tie map. */
  ownerOf({ spec, layer, name }: Weight, tieMap: readonly number[]): number {
    const owner = layer !== null && spec.sharing === 'block' ? tieMap[layer]! : layer;
    return this.weights.findIndex((one) =>
      owner === null ? one.name === name : one.spec === spec && one.layer === owner,
    );
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
