/**
 * Holm's step-down correction: p-values of several tests, such that calling all those below alpha real is wrong
 * anywhere with probability alpha at most. Holm (1979), Scandinavian Journal of Statistics 6(2), 65–70.
 *
 * @returns corrected p-values in the order given
 */
export function holmCorrected(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => at(pValues, a) - at(pValues, b));
  const corrected = new Array<number>(pValues.length);
  let floor = 0;
  for (const [rank, index] of order.entries()) {
    floor = Math.max(floor, Math.min(1, (pValues.length - rank) * at(pValues, index)));
    corrected[index] = floor;
  }
  return corrected;
}

const at = (values: readonly number[], index: number): number => values[index] as number;
