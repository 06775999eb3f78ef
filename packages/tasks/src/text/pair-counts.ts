/**
 * How often ids occur, and how often one follows another: dense where there is one number for each id, a hash table of
 * typed arrays for the pairs, of which a text has far fewer than there could be.
 */

/** Slots of a new table; a power of two, as every size is. */
const FIRST_SLOTS = 1 << 12;
const EMPTY = -1;

export class PairCounts {
  readonly size: number;
  /** How often each id is second of a pair. */
  readonly seconds: Float64Array;
  /** How often each id is first of a pair. */
  readonly firsts: Float64Array;
  /** How many different ids follow each. */
  readonly followers: Float64Array;
  /** Pairs counted. */
  total = 0;
  /** Different ids that are second of a pair. */
  distinct = 0;

  // A key is first * size + second, exact in 64 bits up to vocabularies of 94 million.
  #keys = new Float64Array(FIRST_SLOTS).fill(EMPTY);
  #counts = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  /** @param size ids are whole numbers from 0 to size - 1 */
  constructor(size: number) {
    this.size = size;
    this.seconds = new Float64Array(size);
    this.firsts = new Float64Array(size);
    this.followers = new Float64Array(size);
  }

  /** Counts the pairs of two lists, place by place, as many as the first one has. */
  addAll(firsts: Int32Array, seconds: Int32Array): void {
    for (let at = 0; at < firsts.length; at += 1) this.#add(firsts[at] as number, seconds[at] as number);
  }

  count(first: number, second: number): number {
    return this.#counts[this.#slot(first, second)] as number;
  }

  /** Every pair that occurs, once, in no particular order. */
  forEach(visit: (first: number, second: number, count: number) => void): void {
    for (let slot = 0; slot < this.#keys.length; slot += 1) {
      const key = this.#keys[slot] as number;
      if (key === EMPTY) continue;
      const first = Math.floor(key / this.size);
      visit(first, key - first * this.size, this.#counts[slot] as number);
    }
  }

  #add(first: number, second: number): void {
    if (this.seconds[second] === 0) this.distinct += 1;
    this.seconds[second]! += 1;
    this.firsts[first]! += 1;
    this.total += 1;
    const slot = this.#slot(first, second);
    this.#counts[slot]! += 1;
    if (this.#keys[slot] !== EMPTY) return;
    this.#keys[slot] = first * this.size + second;
    this.followers[first]! += 1;
    this.#used += 1;
    if (2 * this.#used > this.#keys.length) this.#grow();
  }

  /** Where a pair lies, or would lie: linear probing. */
  #slot(first: number, second: number): number {
    const key = first * this.size + second;
    const mask = this.#keys.length - 1;
    // Odd multipliers with well-mixed bits; the shift brings high bits down to where the mask looks.
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (this.#keys[slot] !== EMPTY && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(2 * keys.length).fill(EMPTY);
    this.#counts = new Uint32Array(2 * keys.length);
    for (let slot = 0; slot < keys.length; slot += 1) {
      const key = keys[slot] as number;
      if (key === EMPTY) continue;
      const first = Math.floor(key / this.size);
      const place = this.#slot(first, key - first * this.size);
      this.#keys[place] = key;
      this.#counts[place] = counts[slot] as number;
    }
  }
}
