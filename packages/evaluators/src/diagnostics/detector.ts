/** What the detectors have in common. */
import type { LigatureEvent, Metrics, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { readState } from '../read-state.js';

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
  snapshot(): Snapshot;
  /** @throws ContractError (`evaluator-state-invalid`) */
  restore(state: Snapshot): void;
}

/** The last `size` of what was pushed. */
export class Recent<T extends Snapshot> {
  #items: T[] = [];

  /** @param item schema of one item, for saved ones */
  constructor(
    readonly size: number,
    private readonly item: z.ZodType<T>,
  ) {}

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

  snapshot(): T[] {
    return [...this.#items];
  }

  /** Schema of `snapshot()`. */
  get schema(): z.ZodType<T[]> {
    return z.array(this.item).max(this.size);
  }

  restore(items: readonly T[]): void {
    this.#items = [...items];
  }
}

/** The schema of a saved state, and how a detector takes it on; together they make its `restore`. */
export function restoring<T>(name: string, schema: z.ZodType<T>, take: (saved: T) => void) {
  return (state: Snapshot): void => take(readState(`the detector of ${name}`, schema, state));
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
