/** What the four detectors have in common. */
import type { LigatureEvent, Metrics } from '@ligature/core';

/** What a detector says after an event that concerned it, once it has seen enough. */
export interface Verdict {
  readonly code: string;
  readonly failing: boolean;
  /** One sentence for people; used when failing. */
  readonly message: string;
  readonly evidence: Metrics;
}

/** Looks at every event in order; keeps what it needs. */
export interface Detector {
  /** Codes that it may raise. */
  readonly codes: readonly string[];
  observe(event: LigatureEvent): readonly Verdict[];
}

/** The last `size` of what was pushed. */
export class Recent<T> {
  readonly #items: T[] = [];

  constructor(readonly size: number) {}

  push(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.size) this.#items.shift();
  }

  get full(): boolean {
    return this.#items.length === this.size;
  }

  get items(): readonly T[] {
    return this.#items;
  }
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
