/**
 * Further tensors over the memory of a weight. tfjs tells inputs of a gradient apart by tensor, not by memory, so a
 * position that must not contribute to its owner's gradient, or must have one of its own, reads a clone that was
 * made outside of the gradient tape.
 */
import * as tf from '@tensorflow/tfjs-core';

export class Clones {
  readonly #clones = new Map<string, tf.Tensor>();

  make(key: string, tensor: tf.Tensor): tf.Tensor {
    const clone = tf.keep(tf.clone(tensor));
    this.#clones.set(key, clone);
    return clone;
  }

  drop(key: string): void {
    this.#clones.get(key)?.dispose();
    this.#clones.delete(key);
  }

  dropAll(): void {
    for (const key of [...this.#clones.keys()]) this.drop(key);
  }
}
