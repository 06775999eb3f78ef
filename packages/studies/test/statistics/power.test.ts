/**
 * Power, sensitivity and numbers of seeds against statsmodels 0.15.0, `TTestPower().power(effect, n, alpha)` and
 * `solve_power`, and scipy 1.17.1, `nct.sf(t, n - 1, d * sqrt(n)) + nct.cdf(-t, n - 1, d * sqrt(n))`; equivalence against
 * `DescrStatsW(x).ttost_mean(-margin, margin)`.
 */
import { describe, expect, it } from 'vitest';
import {
  detectableEffect,
  equivalenceTest,
  judge,
  meanInterval,
  oneSampleTest,
  pairsFor,
  powerOf,
  type Judgement,
} from '../../src/index.js';

describe('power of a paired t test', () => {
  it.each([
    // G*Power 3.1's manual has the first one: d_z = 0.5, 34 pairs, 0.8078.
    [0.5, 34, 0.05, 0.8077775012792738],
    [0.8, 15, 0.05, 0.8213105387241096],
    [2, 5, 0.05, 0.9088848681009404],
    [1, 3, 0.05, 0.1792553937765518],
    [11, 3, 0.05 / 11, 0.8081047860352026],
    [0.2, 199, 0.05, 0.8016910240370655],
    [0.01, 2000, 0.05, 0.07318715378752225],
    // Without an effect it is the level.
    [0, 5, 0.05, 0.05],
    [0, 3, 0.05 / 202, 0.05 / 202],
  ])('of an effect of %d with %d pairs at %d is %d', (effect, n, level, power) => {
    expect(powerOf(effect, n, level)).toBeCloseTo(power, 9);
    expect(powerOf(-effect, n, level)).toBeCloseTo(power, 9);
  });

  it('says what so many pairs show, and how many pairs an effect takes', () => {
    expect(detectableEffect(3, 0.05)).toBeCloseTo(3.264043552619638, 5);
    expect(detectableEffect(5, 0.05)).toBeCloseTo(1.6819970833232674, 5);
    expect(detectableEffect(12, 0.05 / 10)).toBeCloseTo(1.287712940456525, 5);
    // solve_power: 33.37, 198.15, 16.62, 29.23.
    expect(pairsFor(0.5, 0.05)).toBe(34);
    expect(pairsFor(0.2, 0.05)).toBe(199);
    expect(pairsFor(0.011 / 0.015, 0.05)).toBe(17);
    expect(pairsFor(0.011 / 0.015, 0.05 / 11)).toBe(30);
    expect(pairsFor(100, 0.05, 3)).toBe(3);
    expect(pairsFor(1e-4, 0.05)).toBe(Infinity);
  });

  it('three seeds with a correction over eleven need eleven standard deviations', () => {
    expect(detectableEffect(3, 0.05 / 11)).toBeGreaterThan(10.5);
    expect(detectableEffect(3, 0.05 / 11)).toBeLessThan(11);
  });
});

describe('equivalence', () => {
  const values = [0.004, -0.002, 0.001, 0.003, -0.001, 0.002];

  it('is that of two one-sided tests', () => {
    expect(equivalenceTest(values, 0.01)).toBeCloseTo(0.00011847341643897548, 12);
    // The mean lies outside: no p below one half.
    expect(equivalenceTest(values, 0.001)).toBeGreaterThan(0.5);
  });

  it('agrees with the 90 % interval: within the margin where that is', () => {
    const { low, high } = meanInterval(values, 0.9);
    const edge = Math.max(Math.abs(low as number), high as number);
    expect(equivalenceTest(values, edge * 1.001)).toBeLessThan(0.05);
    expect(equivalenceTest(values, edge * 0.999)).toBeGreaterThan(0.05);
  });

  it('is claimed within a margin alone, and never beside a difference', () => {
    const only = (differences: number[], margin: number | null): Judgement =>
      judge([{ differences }], { margin })[0] as Judgement;
    expect(only(values, null)).toMatchObject({ finding: 'no-difference', equivalence: null });
    expect(only(values, 0.01)).toMatchObject({ finding: 'equivalent', equivalence: { margin: 0.01 } });
    expect(only(values, 0.0015).finding).toBe('no-difference');
    // A difference that is shown is a difference, also within the margin.
    expect(only([0.0011, 0.001, 0.0009, 0.001], 0.01).finding).toBe('higher');
  });

  it('is corrected over the family like differences are', () => {
    const [one, other] = judge([{ differences: values }, { differences: values }], { margin: 0.01 });
    expect(one?.equivalence?.correctedP).toBeCloseTo(2 * (one?.equivalence?.p ?? 0), 12);
    expect(other?.sensitivity?.level).toBeCloseTo(0.025, 12);
  });
});

describe('near-equal differences', () => {
  it('are no finding with two seeds, however alike', () => {
    const [found] = judge([{ differences: [0.1, 0.1 + 1e-16] }]);
    expect(found?.finding).toBe('untested');
    expect(found?.correctedP).toBeNull();
    expect(found?.interval?.mean).toBeCloseTo(0.1, 12);
  });

  it('are told from zero no more surely than they were measured', () => {
    const differences = [0.1, 0.1 + 1e-16, 0.1];
    // Losses near 5: a standard deviation of 5 / 2^20 = 4.8e-6 at least, so t is 36 321 at most.
    const measured = [5, 5.1, 5, 5.1, 5, 5.1];
    const floor = 5.1 * 2 ** -20;
    expect(oneSampleTest(differences, floor).t).toBeCloseTo((0.1 / floor) * Math.sqrt(3), 3);
    expect(judge([{ differences, measured }])[0]?.test?.t).toBeCloseTo((0.1 / floor) * Math.sqrt(3), 3);
    // Rounding alone: differences as small as the last digit of single precision.
    const rounding = [5e-7, 5e-7, 5e-7];
    expect(judge([{ differences: rounding, measured }])[0]?.finding).toBe('no-difference');
  });

  it('that are zero stay identical, from two seeds on', () => {
    expect(judge([{ differences: [0, 0] }])[0]?.finding).toBe('identical');
    expect(judge([{ differences: [0, 0, 0, 0] }], { margin: 1 })[0]?.finding).toBe('identical');
    expect(judge([{ differences: [0] }])[0]?.finding).toBe('untested');
  });
});
