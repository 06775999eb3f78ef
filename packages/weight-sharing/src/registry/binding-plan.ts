/**
 * What one training step differentiates and what it only reads, as indices: made once per tie structure and reused
 * until the structure changes.
 */
import type { ParameterSpec } from '@ligature/core';
import type { GradientMode } from '../sharing-options.js';
import type { Wiring } from './wiring.js';

export interface LeafPlan {
  /** Full name of the position: also the key of its optimizer slots. */
  readonly id: string;
  /** Full name of the storage that it reads and updates. */
  readonly storage: string;
  readonly spec: ParameterSpec;
  /** Positions that read the storage. */
  readonly uses: number;
  /** Another leaf of the same storage comes first: this one is differentiated through a copy. */
  readonly alias: boolean;
}

export interface Reference {
  readonly list: 'leaves' | 'frozen';
  readonly index: number;
}

export interface BindingPlan {
  readonly key: string;
  readonly leaves: readonly LeafPlan[];
  readonly byId: ReadonlyMap<string, LeafPlan>;
  /** Full names of the storages that something reads without a gradient. */
  readonly frozen: readonly string[];
  readonly globals: ReadonlyMap<string, Reference>;
  /** Per parameter that every layer has, one reference for each layer. */
  readonly layered: ReadonlyMap<string, readonly Reference[]>;
}

export function planBinding(wiring: Wiring, gradient: GradientMode): BindingPlan {
  const { globals, layered } = wiring.parameters;
  const { layers } = wiring.stack;
  const leaves: LeafPlan[] = [];
  const leafOf = new Map<string, number>();
  const frozen = new Map<string, number>();
  const storages = new Set<string>();
  const addLeaf = (id: string, storage: string, spec: ParameterSpec, uses: number): void => {
    leafOf.set(id, leaves.length);
    leaves.push({ id, storage, spec, uses, alias: storages.has(storage) });
    storages.add(storage);
  };
  const reference = (leaf: string | undefined, storage: string): Reference => {
    if (leaf !== undefined) return { list: 'leaves', index: leafOf.get(leaf) as number };
    const index = frozen.get(storage) ?? frozen.size;
    frozen.set(storage, index);
    return { list: 'frozen', index };
  };

  for (const spec of globals) if (!wiring.frozen.has(spec.name)) addLeaf(spec.name, spec.name, spec, 1);
  for (let layer = 0; layer < layers; layer += 1) {
    for (const spec of layered) {
      if (!wiring.trains(spec, layer)) continue;
      const storage = wiring.storage(spec, layer);
      addLeaf(wiring.name(spec, layer), storage, spec, wiring.uses(spec, storage));
    }
  }
  const globalReferences = globals.map((spec): [string, Reference] => [
    spec.name,
    reference(wiring.frozen.has(spec.name) ? undefined : spec.name, spec.name),
  ]);
  const layeredReferences = layered.map((spec): [string, Reference[]] => [
    spec.name,
    Array.from({ length: layers }, (_, layer) =>
      reference(wiring.leaf(spec, layer), wiring.storage(spec, layer)),
    ),
  ]);
  return {
    key: structureKey(wiring, gradient, [
      ...globalReferences.map(([, one]) => one),
      ...layeredReferences.flatMap(([, list]) => list),
    ]),
    leaves,
    byId: new Map(leaves.map((leaf) => [leaf.id, leaf])),
    frozen: [...frozen.keys()],
    globals: new Map(globalReferences),
    layered: new Map(layeredReferences),
  };
}

/**
 * `attention:0 0 2 2*|…;accumulate`; a star marks a position that trains. Where anything is frozen, one digit for each
 * use of a weight follows, 0 for a constant: which of the blocks are frozen is not to be seen from a map.
 */
function structureKey(
  { layout, detached, frozen }: Wiring,
  gradient: GradientMode,
  references: readonly Reference[],
): string {
  const parts = layout.components.map((component) => {
    const map = layout.tieMapOf(component);
    const marks = map.map((root, layer) => `${root}${layout.trains(component, layer) ? '*' : ''}`);
    return `${component}:${marks.join(' ')}`;
  });
  const digits = references.map(({ list }) => (list === 'leaves' ? 1 : 0));
  const still = frozen.size > 0 ? `;frozen ${digits.join('')}` : '';
  return `${parts.join('|')};${detached ? 'detached' : gradient}${still}`;
}
