/** Largest and smallest of many numbers. A call with a hundred thousand arguments, as of `Math.max`, overflows the stack. */

/** As `Math.max` has it: -Infinity for none, NaN where one is. */
export function largest(numbers: Iterable<number>): number {
  let most = -Infinity;
  for (const one of numbers) most = Math.max(most, one);
  return most;
}

/** As `Math.min` has it: Infinity for none, NaN where one is. */
export function smallest(numbers: Iterable<number>): number {
  let least = Infinity;
  for (const one of numbers) least = Math.min(least, one);
  return least;
}
