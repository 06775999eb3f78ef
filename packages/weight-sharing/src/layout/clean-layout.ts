/**
 * Honest tying: one canonical map per component, one owner per block, and an independent layer is independent.
 * Sources are resolved to their root when a decision is applied, so no stale reference can arise.
 */
import {
  canonicalTieMap,
  independentLayers,
  isCanonical,
  tieMapFromBlocks,
  type Snapshot,
} from '@ligature/core';
import { z } from 'zod';
import type { SharingOptions } from '../sharing-options.js';
import { areLayers, layerList, stateMismatch, type Layout, type StorageEdit } from './layout.js';

const stateSchema = z.strictObject({ tieMaps: z.record(z.string(), layerList) });

export class CleanLayout implements Layout {
  readonly #maps: Map<string, number[]>;

  /** @param initial the map of the governed components; every layer independent if left out */
  constructor(
    readonly layers: number,
    readonly components: readonly string[],
    private readonly governed: readonly string[],
    private readonly policies: Pick<SharingOptions, 'follow' | 'untie'>,
    initial?: readonly number[],
  ) {
    const independent = Array.from({ length: layers }, (_, layer) => layer);
    this.#maps = new Map(
      components.map((component) => [
        component,
        initial && governed.includes(component) ? canonicalTieMap(initial) : [...independent],
      ]),
    );
  }

  tieMap(): number[] {
    const maps = this.governed.map((component) => this.#map(component));
    return tieMapFromBlocks(
      Array.from({ length: this.layers }, (_, layer) =>
        maps.length === 0 ? layer : maps.map((map) => map[layer]).join(' '),
      ),
    );
  }

  tieMapOf(component: string): number[] {
    return [...this.#map(component)];
  }

  state(): number[] {
    return this.tieMap();
  }

  storage(component: string, layer: number): number {
    return this.#map(component)[layer] as number;
  }

  trains(component: string, layer: number): boolean {
    return this.storage(component, layer) === layer;
  }

  independentLayers(): number {
    let count = 0;
    for (let layer = 0; layer < this.layers; layer += 1) {
      if (this.components.every((component) => this.trains(component, layer))) count += 1;
    }
    return count;
  }

  tie(layer: number, source: number, components: readonly string[]): StorageEdit[] {
    return components.flatMap((component) => {
      const map = this.#map(component);
      const root = source === layer ? this.#untied(layer, map) : (map[source] as number);
      if (map[layer] === root) return [];
      const next = [...map];
      next[layer] = root;
      const followers = map.flatMap((owner, other) => (owner === layer && other !== layer ? [other] : []));
      const heir = this.policies.follow === 'snapshot' ? followers[0] : undefined;
      for (const follower of followers) next[follower] = heir ?? root;
      return this.#become(component, next, heir === undefined ? undefined : { from: layer, to: heir });
    });
  }

  setMap(map: readonly number[], components: readonly string[]): StorageEdit[] {
    // What a layer goes on with depends on what became of the layers before it.
    if (this.policies.untie === 'alias') {
      return map.flatMap((source, layer) => this.tie(layer, source, components));
    }
    return components.flatMap((component) => this.#become(component, canonicalTieMap(map)));
  }

  load(maps: Readonly<Record<string, readonly number[]>>): void {
    for (const component of this.components) {
      const map = maps[component];
      if (map) this.#maps.set(component, canonicalTieMap(map));
    }
  }

  snapshot(): Snapshot {
    return { tieMaps: Object.fromEntries(this.components.map((one) => [one, this.tieMapOf(one)])) };
  }

  restore(state: Snapshot): void {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success) throw stateMismatch('its layout is no list of layers for each component');
    const saved = parsed.data.tieMaps;
    const unknown = Object.keys(saved).find((component) => !this.components.includes(component));
    if (unknown !== undefined) throw stateMismatch(`the model has no component "${unknown}"`);
    const maps = new Map<string, number[]>();
    for (const component of this.components) {
      const map = Object.hasOwn(saved, component) ? saved[component] : undefined;
      if (!map) throw stateMismatch(`it has no tie map of ${component}`);
      if (!areLayers(map, this.layers) || !isCanonical(map)) {
        throw stateMismatch(
          `the tie map of ${component}, [${map.join(', ')}], is none of ${this.layers} layers`,
        );
      }
      if (!this.governed.includes(component) && map.some((source, layer) => source !== layer)) {
        throw stateMismatch(`${component} is tied there, but this registry does not tie it`);
      }
      maps.set(component, [...map]);
    }
    for (const [component, map] of maps) this.#maps.set(component, map);
  }

  /** Whose block a layer uses that shall have its own. */
  #untied(layer: number, map: readonly number[]): number {
    return this.policies.untie === 'alias' ? (map[layer] as number) : layer;
  }

  /** New owners are made (or inherit) before old blocks go, because they may be made from them. */
  #become(component: string, next: number[], heir?: { from: number; to: number }): StorageEdit[] {
    const map = this.#map(component);
    const before = independentLayers(map);
    const after = independentLayers(next);
    this.#maps.set(component, next);
    const edits: StorageEdit[] = [];
    for (const owner of after) {
      if (before.includes(owner)) continue;
      if (owner === heir?.to) edits.push({ kind: 'move', component, ...heir });
      else edits.push({ kind: 'create', component, storage: owner, from: map[owner] as number });
    }
    for (const owner of before) {
      if (!after.includes(owner) && owner !== heir?.from) {
        edits.push({ kind: 'drop', component, storage: owner });
      }
    }
    return edits;
  }

  #map(component: string): number[] {
    return this.#maps.get(component) as number[];
  }
}
