/** Rankings, groups and fronts: against scipy 1.17.1 (the call stands beside each number) and against definitions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kendallTauB, paretoFront, varianceExplained } from '../../src/index.js';

describe("Kendall's tau-b", () => {
  it('is that of scipy.stats.kendalltau', () => {
    expect(kendallTauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.47140452079103173, 12);
    const one = [5.21, 5.34, 5.18, 5.4, 5.29, 5.31];
    expect(kendallTauB(one, [5.25, 5.3, 5.2, 5.45, 5.31, 5.28])).toBeCloseTo(0.7333333333333333, 12);
    expect(kendallTauB([1, 2, 2, 3, 3, 3, 4], [2, 1, 3, 3, 5, 5, 4])).toBeCloseTo(0.5564148840746572, 12);
  });

  it('is 1 with itself, -1 with its mirror image, and nothing where nothing is told apart', () => {
    const numbers = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(numbers, (values) => {
        const mirrored = values.map((value) => -value);
        if (new Set(values).size === 1) return kendallTauB(values, mirrored) === null;
        const same = kendallTauB(values, values) as number;
        const other = kendallTauB(values, mirrored) as number;
        return Math.abs(same - 1) < 1e-12 && Math.abs(other + 1) < 1e-12;
      }),
    );
  });

  it('over strata counts the pairs inside of them alone', () => {
    // Inside the two groups all is reversed, between them all agrees.
    const first = [1, 2, 3, 11, 12, 13];
    const second = [3, 2, 1, 13, 12, 11];
    expect(kendallTauB(first, second)).toBeCloseTo((9 - 6) / 15, 12);
    expect(kendallTauB(first, second, (i, j) => i < 3 === j < 3)).toBe(-1);
    expect(kendallTauB(first, second, () => false)).toBeNull();
  });
});

describe('variance that groups explain', () => {
  it('is F (k - 1) / (F (k - 1) + n - k) with the F of scipy.stats.f_oneway', () => {
    // Shell sizes of mussels, the example of scipy's documentation: F = 7.121019471642447.
    const groups = [
      [0.0571, 0.0813, 0.0831, 0.0976, 0.0817, 0.0859, 0.0735, 0.0659, 0.0923, 0.0836],
      [0.0873, 0.0662, 0.0672, 0.0819, 0.0749, 0.0649, 0.0835, 0.0725],
      [0.0974, 0.1352, 0.0817, 0.1016, 0.0968, 0.1064, 0.105],
      [0.1033, 0.0915, 0.0781, 0.0685, 0.0677, 0.0697, 0.0764, 0.0689],
      [0.0703, 0.1026, 0.0956, 0.0973, 0.1039, 0.1045],
    ];
    const { etaSquared, epsilonSquared } = varianceExplained(groups);
    expect(etaSquared).toBeCloseTo(0.4558613786103757, 10);
    expect(epsilonSquared).toBeCloseTo(0.3918450702115963, 10);
  });

  it('is all of it when groups do not overlap in themselves, none of it when they have one mean', () => {
    expect(varianceExplained([[1, 1], [2], [5, 5, 5]])).toMatchObject({ etaSquared: 1, epsilonSquared: 1 });
    expect(
      varianceExplained([
        [1, 3],
        [2, 2],
      ]).etaSquared,
    ).toBe(0);
    expect(
      varianceExplained([
        [1, 3],
        [2, 2],
      ]).epsilonSquared,
    ).toBeLessThan(0);
    expect(varianceExplained([[1], [2]])).toEqual({ etaSquared: 1, epsilonSquared: null });
    expect(varianceExplained([[4, 4], [4]])).toEqual({ etaSquared: null, epsilonSquared: null });
    expect(varianceExplained([])).toEqual({ etaSquared: null, epsilonSquared: null });
  });
});

describe('the Pareto front', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 6 }), value: fc.integer({ min: 0, max: 6 }) });

  it('is what no other point beats in one number and equals in the other', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), (points) => {
        const beaten = points.map((one) =>
          points.some(
            (other) =>
              other.cost <= one.cost &&
              other.value <= one.value &&
              (other.cost < one.cost || other.value < one.value),
          ),
        );
        expect(paretoFront(points)).toEqual(beaten.map((is) => !is));
      }),
    );
  });
});
