/** A moving average of tables whose first entries do not weigh more than they should (Adam's correction of the bias). */
import { ContractError, type LayerTable, type Snapshot } from '@ligature/core';
import { z } from 'zod';

const schema = z.strictObject({
  /** Sums before the correction; empty before the first measurement. */
  sums: z.array(z.array(z.number())),
  /** The correction: what the weights of all measurements so far add up to. */
  weight: z.number().min(0).max(1),
});

export class MovingTable {
  #sums: readonly (readonly number[])[] = [];
  #weight = 0;

  constructor(
    private readonly layers: number,
    private readonly memory: number,
  ) {}

  /** [layers][layers]; `undefined` before the first measurement. */
  get mean(): LayerTable | undefined {
    if (this.#weight === 0) return undefined;
    return this.#sums.map((row) => row.map((value) => value / this.#weight));
  }

  add(table: LayerTable): void {
    const { memory } = this;
    const old = this.#sums;
    this.#sums = table.map((row, i) =>
      row.map((value, j) => memory * (old[i]?.[j] ?? 0) + (1 - memory) * value),
    );
    this.#weight = memory * this.#weight + (1 - memory);
  }

  snapshot(): Snapshot {
    return { sums: this.#sums.map((row) => [...row]), weight: this.#weight };
  }

  /** @throws ContractError (`gradient-conflict-state`) */
  restore(snapshot: Snapshot): void {
    const parsed = schema.safeParse(snapshot);
    const { sums, weight } = parsed.data ?? { sums: [], weight: 0 };
    const size = weight === 0 ? 0 : this.layers;
    if (!parsed.success || sums.length !== size || sums.some(({ length }) => length !== size)) {
      throw new ContractError('gradient-conflict-state', {
        asked: `Restore gradient-conflict for ${this.layers} layers`,
        found: parsed.success ? 'the state is of another stack' : z.prettifyError(parsed.error),
        todo: 'Resume with the options and the number of layers that the run was started with',
      });
    }
    this.#sums = sums;
    this.#weight = weight;
  }
}
