/**
 * The storage semantics of the official code (tamirdh/Dynamic-Layer-Tying f1f1529, quantum_models.py:309-366),
 * bug for bug:
 * - the state starts as all zeros ("tied to 0") while every layer has random weights of its own, frozen but for
 *   layer 0's;
 * - tying lets the layer use whatever storage the source uses now (an alias), freezes it and logs the source as
 *   given, not its root; a source that is re-tied later does not take it along;
 * - untying only lets the layer take gradients again; it keeps the alias, so storages can only become fewer;
 * - a storage that no position uses any more is gone for good.
 * Whole blocks only: all components follow one list.
 */
import { tieMapFromBlocks, type Snapshot } from '@ligature/core';
import { z } from 'zod';
import { areLayers, layerList, stateMismatch, type Layout, type StorageEdit } from './layout.js';

const stateSchema = z.strictObject({
  /** The storage that each position reads. */
  slots: layerList,
  /** The last action of each position. */
  state: layerList,
  trains: z.array(z.boolean()),
});

export class OfficialLayout implements Layout {
  #slots: number[];
  #state: number[];
  #trains: boolean[];

  constructor(
    readonly layers: number,
    readonly components: readonly string[],
  ) {
    this.#slots = Array.from({ length: layers }, (_, layer) => layer);
    this.#state = this.#slots.map(() => 0);
    this.#trains = this.#slots.map((layer) => layer === 0);
  }

  tieMap(): number[] {
    return tieMapFromBlocks(this.#slots);
  }

  tieMapOf(): number[] {
    return this.tieMap();
  }

  state(): number[] {
    return [...this.#state];
  }

  storage(_component: string, layer: number): number {
    return this.#slots[layer] as number;
  }

  trains(_component: string, layer: number): boolean {
    return this.#trains[layer] as boolean;
  }

  independentLayers(): number {
    return this.#state.filter((source, layer) => source === layer).length;
  }

  tie(layer: number, source: number): StorageEdit[] {
    this.#state[layer] = source;
    this.#trains[layer] = source === layer;
    const old = this.#slots[layer] as number;
    this.#slots[layer] = this.#slots[source] as number;
    if (this.#slots.includes(old)) return [];
    return this.components.map((component) => ({ kind: 'drop', component, storage: old }));
  }

  /** One action after another, as the official ablations do (dqn_trainer.py:54-70); layer 0 has no action. */
  setMap(map: readonly number[]): StorageEdit[] {
    return map.slice(1).flatMap((source, index) => this.tie(index + 1, source));
  }

  /** The log and the frozen positions are those that ties to the roots would have left. */
  load(maps: Readonly<Record<string, readonly number[]>>): void {
    const map = maps[this.components[0] as string];
    if (!map) return;
    this.#slots = [...map];
    this.#state = [...map];
    this.#trains = map.map((source, layer) => source === layer);
  }

  /** The alias pointers cannot be had from the log, nor from the map: both forget who was tied before whom. */
  snapshot(): Snapshot {
    return { slots: [...this.#slots], state: [...this.#state], trains: [...this.#trains] };
  }

  restore(saved: Snapshot): void {
    const parsed = stateSchema.safeParse(saved);
    if (!parsed.success) throw stateMismatch('its layout is none of the official profile');
    const { slots, state, trains } = parsed.data;
    if (!areLayers(slots, this.layers) || !areLayers(state, this.layers)) {
      throw stateMismatch(`its layout is none of ${this.layers} layers`);
    }
    const agree = trains.length === this.layers && trains.every((one, at) => one === (state[at] === at));
    if (!agree) throw stateMismatch('its action log and its trained positions disagree');
    this.#slots = slots;
    this.#state = state;
    this.#trains = trains;
  }
}
