/** The tensors that a registry owns, by full parameter name. Everything in here is kept and disposed here. */
import * as tf from '@tensorflow/tfjs-core';
import type { SavedMoments } from './registry-state.js';
import type { NamedStorage } from './storages.js';

/** AdamW moments of one leaf, and the number of updates they have seen. */
export interface Moments {
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
  readonly step: number;
}

export class TensorStore {
  readonly #weights = new Map<string, tf.Tensor>();
  readonly #moments = new Map<string, Moments>();

  weight(name: string): tf.Tensor | undefined {
    return this.#weights.get(name);
  }

  moments(name: string): Moments | undefined {
    return this.#moments.get(name);
  }

  /** Takes ownership of `tensor`. */
  setWeight(name: string, tensor: tf.Tensor): void {
    const old = this.#weights.get(name);
    this.#weights.set(name, tf.keep(tensor));
    if (old !== tensor) old?.dispose();
  }

  /** Takes ownership of both tensors. */
  setMoments(name: string, moments: Moments): void {
    const old = this.#moments.get(name);
    this.#moments.set(name, { m: tf.keep(moments.m), v: tf.keep(moments.v), step: moments.step });
    if (old?.m !== moments.m) old?.m.dispose();
    if (old?.v !== moments.v) old?.v.dispose();
  }

  /** Tensors are immutable, so a clone shares the memory until one of both is updated. */
  copyMoments(from: string, to: string): void {
    const { m, v, step } = this.#moments.get(from) as Moments;
    this.setMoments(to, { m: tf.clone(m), v: tf.clone(v), step });
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

  dropMoments(name: string): void {
    const old = this.#moments.get(name);
    old?.m.dispose();
    old?.v.dispose();
    this.#moments.delete(name);
  }

  /** Floats held as moments, both of a pair counted. */
  momentSize(): number {
    let size = 0;
    for (const { m, v } of this.#moments.values()) size += m.size + v.size;
    return size;
  }

  /** Replaces all that it holds; leaves it as it is when `make` throws. */
  refill(
    storages: Iterable<NamedStorage>,
    make: (storage: NamedStorage) => tf.Tensor,
    moments: readonly SavedMoments[] = [],
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
    for (const { name, spec, step, m, v } of moments) {
      const shape = [...spec.shape];
      // Sliced: some backends keep the array that they are given.
      this.setMoments(name, { m: tf.tensor(m.slice(), shape), v: tf.tensor(v.slice(), shape), step });
    }
  }

  dispose(): void {
    for (const name of [...this.#weights.keys()]) this.dropWeight(name);
    for (const name of [...this.#moments.keys()]) this.dropMoments(name);
  }
}
