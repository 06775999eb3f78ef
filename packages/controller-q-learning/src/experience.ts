/**
 * One transition, reduced to the numbers that an update needs, and a ring buffer of them for replay.
 * The buffer is a few typed arrays, so that a checkpoint stores it as tensors.
 */
import type { RandomStream, Snapshot } from '@ligature/core';
import { asArray, asCount, asRecord, mismatch } from './snapshot.js';

export interface Experience {
  /** [layers] the state vector when the decision was made. */
  readonly state: readonly number[];
  /** [layers] the source chosen for each layer that decided, -1 for the others. */
  readonly actions: readonly number[];
  /** As it is learnt from: clipped, standardised. */
  readonly reward: number;
  /** [layers] the state vector of the next decision. */
  readonly nextState: readonly number[];
  /** [layers] the canonical map that the next decision finds. */
  readonly nextTieMap: readonly number[];
  /** The layer that decides next; -1: every layer does. */
  readonly nextLayer: number;
  /** Share of the budget that was spent when the decision was made. */
  readonly progress: number;
  /** The same at the next decision. */
  readonly nextProgress: number;
  /** No bootstrap. */
  readonly terminated: boolean;
}

/** The last `capacity` experiences; the oldest one makes room. */
export class ReplayBuffer {
  #size = 0;
  #next = 0;
  readonly #width: number;
  readonly #numbers: Int32Array;
  readonly #rewards: Float64Array;
  /** [capacity][2], progress and next progress; empty where nobody reads them. */
  readonly #progress: Float64Array;

  constructor(
    readonly capacity: number,
    readonly layers: number,
    private readonly withProgress: boolean,
  ) {
    // state, actions, next state, next map: `layers` numbers each; next layer; terminated
    this.#width = 4 * layers + 2;
    this.#numbers = new Int32Array(capacity * this.#width);
    this.#rewards = new Float64Array(capacity);
    this.#progress = new Float64Array(withProgress ? 2 * capacity : 0);
  }

  get size(): number {
    return this.#size;
  }

  add(experience: Experience): void {
    const row = [
      ...experience.state,
      ...experience.actions,
      ...experience.nextState,
      ...experience.nextTieMap,
      experience.nextLayer,
      experience.terminated ? 1 : 0,
    ];
    this.#numbers.set(row, this.#next * this.#width);
    this.#rewards[this.#next] = experience.reward;
    if (this.withProgress) this.#progress.set([experience.progress, experience.nextProgress], 2 * this.#next);
    this.#next = (this.#next + 1) % this.capacity;
    this.#size = Math.min(this.#size + 1, this.capacity);
  }

  /**
   * The newest experience and `count - 1` others, drawn uniformly with replacement from the whole buffer; all of
   * it, and nothing drawn, while it holds no more than `count`. The newest is always in (Zhang & Sutton 2017,
   * "combined experience replay"), so that a run of a few dozen windows learns from each of them at once.
   */
  sample(count: number, random: RandomStream): Experience[] {
    if (this.#size <= count) return Array.from({ length: this.#size }, (_, index) => this.#at(index));
    const newest = (this.#next - 1 + this.capacity) % this.capacity;
    const rows = [newest];
    while (rows.length < count) rows.push(random.integer(0, this.#size));
    return rows.map((index) => this.#at(index));
  }

  snapshot(): Snapshot {
    return {
      size: this.#size,
      next: this.#next,
      numbers: this.#numbers.slice(0, this.#size * this.#width),
      rewards: this.#rewards.slice(0, this.#size),
      ...(this.withProgress && { progress: this.#progress.slice(0, 2 * this.#size) }),
    };
  }

  restore(state: Snapshot): void {
    const record = asRecord(state, 'replay');
    const size = asCount(record.size, 'replay.size');
    const next = asCount(record.next, 'replay.next');
    // Until the buffer is full, the next one goes behind the last.
    if (size > this.capacity || next >= this.capacity || (size < this.capacity && next !== size)) {
      const found = `${size} experiences, the next at ${next}, for a capacity of ${this.capacity}`;
      throw mismatch('the replay buffer', found);
    }
    const numbers = asArray(record.numbers, 'replay.numbers', Int32Array, size * this.#width);
    const rewards = asArray(record.rewards, 'replay.rewards', Float64Array, size);
    const spent = this.withProgress
      ? asArray(record.progress, 'replay.progress', Float64Array, 2 * size)
      : new Float64Array(0);
    if (!spent.every((share) => share >= 0 && share <= 1)) {
      throw mismatch('the replay buffer', 'a share of the budget that is none');
    }
    if (!numbers.every((value, index) => this.#isPossible(value, index % this.#width))) {
      throw mismatch('the replay buffer', 'an experience that no stack of this depth can have');
    }
    this.#numbers.set(numbers);
    this.#rewards.set(rewards);
    this.#progress.set(spent);
    this.#size = size;
    this.#next = next;
  }

  /** Whether a number can stand in a column of a row: a wrong one would be an index beyond the network's outputs. */
  #isPossible(value: number, column: number): boolean {
    const { layers } = this;
    if (column === 4 * layers) return value >= -1 && value < layers; // next layer
    if (column > 4 * layers) return value === 0 || value === 1; // terminated
    const layer = column % layers;
    const isAction = column >= layers && column < 2 * layers;
    return value >= (isAction ? -1 : 0) && value <= layer;
  }

  #at(index: number): Experience {
    const { layers } = this;
    const row = Array.from(this.#numbers.subarray(index * this.#width, (index + 1) * this.#width));
    return {
      state: row.slice(0, layers),
      actions: row.slice(layers, 2 * layers),
      nextState: row.slice(2 * layers, 3 * layers),
      nextTieMap: row.slice(3 * layers, 4 * layers),
      nextLayer: row[4 * layers]!,
      terminated: row[4 * layers + 1] === 1,
      reward: this.#rewards[index]!,
      progress: this.#progress[2 * index] ?? 0,
      nextProgress: this.#progress[2 * index + 1] ?? 0,
    };
  }
}
