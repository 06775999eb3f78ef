import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ThinnedCurve } from '../src/thinned-curve.js';

const filled = (values: readonly (number | null)[], capacity: number): ThinnedCurve => {
  const curve = new ThinnedCurve(capacity);
  values.forEach((value, step) => curve.add(step + 1, value));
  return curve;
};

describe('a curve of bounded length', () => {
  it('keeps every value while there is room', () => {
    expect(filled([3, 1, 2], 4).points(10)).toEqual({ steps: [1, 2, 3], values: [3, 1, 2] });
  });

  it('merges neighbours into means when it is full', () => {
    expect(filled([1, 3, 5, 7, 10], 4).points(10)).toEqual({ steps: [2, 4, 5], values: [2, 6, 10] });
  });

  it('leaves out what is not finite', () => {
    expect(filled([1, null, Number.NaN, 2], 4).points(10)).toEqual({ steps: [1, 4], values: [1, 2] });
  });

  it('forgets what was rolled back, and goes on', () => {
    const curve = filled([1, 2, 3, 4], 8);
    curve.dropAfter(2);
    curve.add(3, 9);
    expect(curve.points(10)).toEqual({ steps: [1, 2, 3], values: [1, 2, 9] });
  });

  it('stays within its bounds, in order, and means are means of consecutive values', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        (all, room, most) => {
          const { steps, values: means } = filled(all, room).points(most);
          expect(steps.length).toBeLessThanOrEqual(Math.min(room, most));
          expect(steps.at(-1)).toBe(all.length);
          // The slow twin: each point is the mean of all values after the point before.
          steps.forEach((step, at) => {
            const part = all.slice(steps[at - 1] ?? 0, step);
            expect(part.length).toBeGreaterThan(0);
            expect(means[at]).toBeCloseTo(part.reduce((a, b) => a + b) / part.length, 9);
          });
        },
      ),
    );
  });
});
