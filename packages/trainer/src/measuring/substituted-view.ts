/** The weights as they would be if two blocks were one. Nothing of the registry changes. */
import type { Component, ParameterView, TieMap } from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

export interface Substitution {
  readonly first: number;
  readonly second: number;
  /** Whose weights all layers of both blocks use. */
  readonly by: 'first' | 'second' | 'mean';
}

/** Block parameters that a tie of whole blocks, or of one component, is about. */
export function tiedNames({ stack, options }: WeightRegistry, component: Component | null): string[] {
  const components = component === null ? options.components : [component];
  return stack.parameters
    .filter(
      ({ sharing, component: own }) =>
        sharing === 'block' && (own === undefined ? component === null : components.includes(own)),
    )
    .map(({ name }) => name);
}

/** A view, and the tensors that were made for it: the caller's to dispose. */
export interface OwnedView {
  readonly view: ParameterView;
  readonly made: readonly Tensor[];
}

/**
 * A view in which every layer of the two blocks uses one block's tensors, and all others use their own.
 *
 * @param tieMap canonical; the blocks are its
 * @param names of the parameters that are substituted; all others, and those of other layers, are as `view` has them
 */
export function substitutedView(
  view: ParameterView,
  tieMap: TieMap,
  names: readonly string[],
  { first, second, by }: Substitution,
): OwnedView {
  const shared = new Map(
    names.map((name) => {
      const [one, other] = [view.block(first, name), view.block(second, name)];
      if (by === 'mean') return [name, tf.tidy(() => tf.mul(tf.add(one, other), 0.5))] as const;
      return [name, by === 'first' ? one : other] as const;
    }),
  );
  const concerned = (layer: number): boolean => tieMap[layer] === first || tieMap[layer] === second;
  return {
    view: {
      global: (name) => view.global(name),
      block: (layer, name) => (concerned(layer) ? shared.get(name) : undefined) ?? view.block(layer, name),
    },
    made: by === 'mean' ? [...shared.values()] : [],
  };
}
