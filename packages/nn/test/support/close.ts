import { expect } from 'vitest';

/** |found - expected| <= absolute + relative * |expected|, entry by entry; reports the worst one. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  absolute: number,
  relative: number,
  what = 'values',
): void {
  expect(found.length, `${what}: number of entries`).toBe(expected.length);
  let worst = -Infinity;
  let where = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const wanted = expected[i] as number;
    const excess = Math.abs((found[i] as number) - wanted) - absolute - relative * Math.abs(wanted);
    if (!(excess <= worst)) {
      worst = Number.isNaN(excess) ? Infinity : excess;
      where = i;
    }
  }
  expect(worst, `${what}[${where}]: found ${found[where]}, expected ${expected[where]}`).toBeLessThanOrEqual(
    0,
  );
}
