/** Rows that are held out of the ones for training: evenly over all of them, always the same for the same number and shares. */
import { spreadOver } from '@ligature/core';

export interface CutRows {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
}

/** @param shares of the rows, 0 for a split that is not cut; at least one row is held out where a share is not 0 */
export function cutEvenly(
  count: number,
  shares: { readonly validation: number; readonly test: number },
): CutRows {
  const of = (share: number): number => (share > 0 ? Math.max(1, Math.round(share * count)) : 0);
  const [validation, test] = [of(shares.validation), of(shares.test)];
  const held = spreadOver(validation + test, count);
  const forValidation = new Set(spreadOver(validation, held.length).map((place) => held[place] as number));
  const all = new Set(held);
  return {
    train: Array.from({ length: count }, (_, row) => row).filter((row) => !all.has(row)),
    validation: held.filter((row) => forValidation.has(row)),
    test: held.filter((row) => !forValidation.has(row)),
  };
}
