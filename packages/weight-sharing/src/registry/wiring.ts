/** Which weight each position of a stack reads, and which of them take a gradient: a layout over parameter names. */
import type { ParameterSpec, Stack } from '@ligature/core';
import type { Layout } from '../layout/layout.js';
import { componentOf, type BlockParameters } from './block-parameters.js';

export interface NamedStorage {
  /** Full name of the first layer that reads it: its name in files. */
  readonly name: string;
  /** Its own full name. */
  readonly storage: string;
  readonly spec: ParameterSpec;
}

/** Follows its layout, which changes; a registry that takes on another layout makes another wiring. */
export class Wiring {
  constructor(
    readonly stack: Stack,
    readonly parameters: BlockParameters,
    readonly layout: Layout,
    /** Full names of what never changes. */
    readonly frozen: ReadonlySet<string>,
    /** Whether a position that does not train reads its block without a gradient. */
    readonly detached: boolean,
  ) {}

  /** Full name of a layer's parameter. */
  name(spec: ParameterSpec, layer: number): string {
    return this.stack.blockParameterName(layer, spec.name);
  }

  /** Full name of the storage that a layer reads. */
  storage(spec: ParameterSpec, layer: number): string {
    return this.name(spec, this.#owner(spec, layer));
  }

  /**
   * Whether the weight of this position takes a gradient and an update of its own. One that updates the storage of
   * another position (official profile) does not where that one is frozen, either.
   */
  trains(spec: ParameterSpec, layer: number): boolean {
    if (this.frozen.has(this.name(spec, layer)) || this.frozen.has(this.storage(spec, layer))) return false;
    return spec.sharing === 'position' || this.layout.trains(componentOf(spec), layer);
  }

  /** Full name of the position whose gradient this use adds to; `undefined`: it reads a constant. */
  leaf(spec: ParameterSpec, layer: number): string | undefined {
    if (this.trains(spec, layer)) return this.name(spec, layer);
    if (this.detached) return undefined;
    const owner = this.#owner(spec, layer);
    return owner !== layer && this.trains(spec, owner) ? this.name(spec, owner) : undefined;
  }

  /** Layers that read a storage. */
  uses(spec: ParameterSpec, storage: string): number {
    let count = 0;
    for (let layer = 0; layer < this.stack.layers; layer += 1) {
      if (this.storage(spec, layer) === storage) count += 1;
    }
    return count;
  }

  /** Every storage once: globals, then layer by layer. */
  *storages(): Generator<NamedStorage> {
    for (const spec of this.parameters.globals) yield { name: spec.name, storage: spec.name, spec };
    const seen = new Set<string>();
    for (let layer = 0; layer < this.stack.layers; layer += 1) {
      for (const spec of this.parameters.layered) {
        const storage = this.storage(spec, layer);
        if (seen.has(storage)) continue;
        seen.add(storage);
        yield { name: this.name(spec, layer), storage, spec };
      }
    }
  }

  #owner(spec: ParameterSpec, layer: number): number {
    return spec.sharing === 'position' ? layer : this.layout.storage(componentOf(spec), layer);
  }
}
