/**
 * What one training step differentiates and what it only reads, as indices: made once per tie structure and reused
 * until the structure changes.
 */
import type { Model, ParameterSpec } from '@ligature/core';
import type { Layout } from '../layout/layout.js';
import type { GradientMode } from '../sharing-options.js';
import { componentOf, type BlockParameters } from './block-parameters.js';

export interface LeafPlan {
  /** Full name of the position: also the key of its moments. */
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
  /** Full names of the storages that some position reads without a gradient. */
  readonly frozen: readonly string[];
  readonly globals: ReadonlyMap<string, number>;
  /** Per block parameter name, one reference for each layer. */
  readonly blocks: ReadonlyMap<string, readonly Reference[]>;
}

/** @param detached whether a position that does not train reads its block without a gradient */
export function planBinding(
  model: Model,
  parameters: BlockParameters,
  layout: Layout,
  gradient: GradientMode,
  detached: boolean,
): BindingPlan {
  const leaves: LeafPlan[] = [];
  const leafOf = new Map<string, number>();
  const frozen = new Map<string, number>();
  const storages = new Set<string>();
  const addLeaf = (id: string, storage: string, spec: ParameterSpec, uses: number): void => {
    leafOf.set(id, leaves.length);
    leaves.push({ id, storage, spec, uses, alias: storages.has(storage) });
    storages.add(storage);
  };

  for (const spec of parameters.globals) addLeaf(spec.name, spec.name, spec, 1);
  const uses = countUses(layout);
  for (let layer = 0; layer < model.layers; layer += 1) {
    for (const spec of parameters.blocks) {
      const component = componentOf(spec);
      if (!layout.trains(component, layer)) continue;
      const storage = layout.storage(component, layer);
      addLeaf(
        model.blockParameterName(layer, spec.name),
        model.blockParameterName(storage, spec.name),
        spec,
        uses.get(`${component} ${storage}`) as number,
      );
    }
  }

  const blocks = new Map<string, Reference[]>();
  for (const spec of parameters.blocks) {
    const component = componentOf(spec);
    const references = Array.from({ length: model.layers }, (_, layer): Reference => {
      const storage = model.blockParameterName(layout.storage(component, layer), spec.name);
      if (layout.trains(component, layer) || !detached) {
        const position = layout.trains(component, layer)
          ? model.blockParameterName(layer, spec.name)
          : storage;
        return { list: 'leaves', index: leafOf.get(position) as number };
      }
      const index = frozen.get(storage) ?? frozen.size;
      frozen.set(storage, index);
      return { list: 'frozen', index };
    });
    blocks.set(spec.name, references);
  }

  return {
    key: structureKey(layout, gradient, detached),
    leaves,
    byId: new Map(leaves.map((leaf) => [leaf.id, leaf])),
    frozen: [...frozen.keys()],
    globals: new Map(parameters.globals.map((spec) => [spec.name, leafOf.get(spec.name) as number])),
    blocks,
  };
}

function countUses(layout: Layout): Map<string, number> {
  const uses = new Map<string, number>();
  for (const component of layout.components) {
    for (let layer = 0; layer < layout.layers; layer += 1) {
      const key = `${component} ${layout.storage(component, layer)}`;
      uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  }
  return uses;
}

/** `attention:0 0 2 2*|…;accumulate`; a star marks a position that trains. */
function structureKey(layout: Layout, gradient: GradientMode, detached: boolean): string {
  const parts = layout.components.map((component) => {
    const map = layout.tieMapOf(component);
    const marks = map.map((root, layer) => `${root}${layout.trains(component, layer) ? '*' : ''}`);
    return `${component}:${marks.join(' ')}`;
  });
  return `${parts.join('|')};${detached ? 'detached' : gradient}`;
}
