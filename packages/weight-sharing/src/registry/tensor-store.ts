/** The tensors that a registry owns, by full parameter name. Everything in here is kept and disposed here. */
import * as tf from '@tensorflow/tfjs-core';
import type { SavedSlots } from './registry-state.js';
import type { NamedStorage } from './wiring.js';

/** What an optimizer keeps of one leaf. */
export interface SlotState {
  /** By the optimizer's names, each of the parameter's shape. */
  readonly slots: Readonly<Record<string, tf.Tensor>>;
  /** Updates that they have seen. */
  readonly step: number;
}

export class TensorStore {
  readonly #weights = new Map<string, tf.Tensor>();
  readonly #slots = new Map<string, SlotState>();

  weight(name: string): tf.Tensor | undefined {
    return this.#weights.get(name);
  }

  slots(name: string): SlotState | undefined {
    return this.#slots.get(name);
  }

  /** Takes ownership of `tensor`. */
  setWeight(name: string, tensor: tf.Tensor): void {
    const old = this.#weights.get(name);
    this.#weights.set(name, tf.keep(tensor));
    if (old !== tensor) old?.dispose();
  }

  /** Takes ownership of all slots. */
  setSlots(name: string, { slots, step }: SlotState): void {
    const old = Object.values(this.#slots.get(name)?.slots ?? {});
    const kept = Object.values(slots).map((tensor) => tf.keep(tensor));
    this.#slots.set(name, { slots: { ...slots }, step });
    for (const tensor of old) if (!kept.includes(tensor)) tensor.dispose();
  }

  /** Tensors are immutable, so a clone shares the memory until one of both is updated. */
  copySlots(from: string, to: string): void {
    const { slots, step } = this.#slots.get(from) as SlotState;
    const copies = Object.entries(slots).map(([slot, tensor]) => [slot, tf.clone(tensor)] as const);
    this.setSlots(to, { slots: Object.fromEntries(copies), step });
  }

  moveWeight(from: string, to: string): void {
    const tensor = this.#weights.get(from) as tf.Tensor;
    this.#weights.delete(from);
    this.setWeight(to, tensor);
  }

  dropWeight(name: string): void {
    this.#weights.get(name)?.dispose();
    this.#weights.delete(name);
  }

  dropSlots(name: string): void {
    for (const tensor of Object.values(this.#slots.get(name)?.slots ?? {})) tensor.dispose();
    this.#slots.delete(name);
  }

  /** Floats held in optimizer slots. */
  slotSize(): number {
    let size = 0;
    for (const { slots } of this.#slots.values()) {
      for (const tensor of Object.values(slots)) size += tensor.size;
    }
    return size;
  }

  /** Replaces all that it holds; leaves it as it is when `make` throws. */
  refill(
    storages: Iterable<NamedStorage>,
    make: (storage: NamedStorage) => tf.Tensor,
    saved: readonly SavedSlots[] = [],
  ): void {
    const made: [string, tf.Tensor][] = [];
    try {
      for (const one of storages) made.push([one.storage, tf.keep(make(one))]);
    } catch (error) {
      for (const [, tensor] of made) tensor.dispose();
      throw error;
    }
    this.dispose();
    for (const [storage, tensor] of made) this.setWeight(storage, tensor);
    for (const { name, spec, step, slots } of saved) {
      // Sliced: some backends keep the array that they are given.
      const tensors = Object.entries(slots).map(
        ([slot, data]) => [slot, tf.tensor(data.slice(), [...spec.shape])] as const,
      );
      this.setSlots(name, { slots: Object.fromEntries(tensors), step });
    }
  }

  dispose(): void {
    for (const name of [...this.#weights.keys()]) this.dropWeight(name);
    for (const name of [...this.#slots.keys()]) this.dropSlots(name);
  }
}
