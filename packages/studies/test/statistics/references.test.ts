/** Against scipy 1.17.1 and statsmodels 0.15.0; each number was printed by the call beside it. */
import { describe, expect, it } from 'vitest';
import { comparisonStatistics, holmCorrected, meanInterval, oneSampleTest } from '../../src/index.js';

// x = [5.289, 5.301, 5.275, 5.312, 5.294], y = [5.32, 5.318, 5.301, 5.322, 5.337]
const five = [5.289 - 5.32, 5.301 - 5.318, 5.275 - 5.301, 5.312 - 5.322, 5.294 - 5.337];
// x = [3.2, 3.9, 3.5, 3.1, 3.6, 3.8, 3.3, 3.4], y = [3.1, 3.7, 3.6, 3.2, 3.5, 3.9, 3.3, 3.2]
const eight = [0.1, 0.2, -0.1, -0.1, 0.1, -0.1, 0, 0.2];

describe('mean and interval', () => {
  it('of values: scipy.stats.t.interval(0.95, 4, loc=np.mean(x), scale=scipy.stats.sem(x))', () => {
    const { low, high, mean } = meanInterval([5.289, 5.301, 5.275, 5.312, 5.294], 0.95);
    expect(mean).toBeCloseTo(5.2942, 12);
    expect(low).toBeCloseTo(5.27709836021905, 10);
    expect(high).toBeCloseTo(5.31130163978095, 10);
  });

  it('of differences: scipy.stats.ttest_rel(x, y).confidence_interval(0.95)', () => {
    expect(meanInterval(five, 0.95).low).toBeCloseTo(-0.04121842897774199, 10);
    expect(meanInterval(five, 0.95).high).toBeCloseTo(-0.009581571022257922, 10);
    expect(meanInterval(eight, 0.95).low).toBeCloseTo(-0.07138923208049403, 10);
    expect(meanInterval(eight, 0.95).high).toBeCloseTo(0.14638923208049387, 10);
    // Only two: x = [4.1, 4.5], y = [4.0, 4.1].
    expect(meanInterval([0.1, 0.4], 0.95).low).toBeCloseTo(-1.6559307104262087, 8);
  });

  it('has no width to give for one value', () => {
    expect(meanInterval([3], 0.95)).toEqual({
      n: 1,
      mean: 3,
      standardDeviation: null,
      low: null,
      high: null,
    });
  });
});

describe('paired test', () => {
  // t, p: scipy.stats.ttest_rel(x, y). d: d.mean() / d.std(ddof=1).
  // g: d * np.exp(gammaln(m/2) - gammaln((m-1)/2)) / np.sqrt(m/2), m = n - 1, scipy.special.gammaln.
  it.each([
    [five, -4.458199089887768, 0.011175802304632896, -1.9937672444433487, -1.5907961021758203],
    [eight, 0.814345071045954, 0.4422655178348614, 0.2879144609812174, 0.25572646140455024],
    [[0.1, 0.4], 1.6666666666666627, 0.344041739245262, 1.1785113019775764, null],
  ])('%j', (differences, t, p, d, g) => {
    const test = oneSampleTest(differences);
    expect(test.t).toBeCloseTo(t, 8);
    expect(test.p).toBeCloseTo(p, 8);
    expect(test.cohensD).toBeCloseTo(d, 8);
    if (g === null) expect(test.hedgesG).toBeNull();
    else expect(test.hedgesG).toBeCloseTo(g, 8);
  });

  it('needs no spread to see that equal differences are none, or one', () => {
    expect(oneSampleTest([0, 0, 0])).toMatchObject({ t: null, p: 1, cohensD: null, hedgesG: null });
    expect(oneSampleTest([0.5, 0.5], 0)).toMatchObject({ t: null, p: 1 });
  });
});

describe('correction', () => {
  it("is Holm's: statsmodels.stats.multitest.multipletests(p, method='holm')[1]", () => {
    const close = (found: number[], expected: number[]) => {
      expect(found).toHaveLength(expected.length);
      found.forEach((p, index) => expect(p).toBeCloseTo(expected[index] as number, 12));
    };
    close(holmCorrected([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    close(holmCorrected([0.2, 0.9, 0.04, 0.04, 0.6]), [0.6, 1, 0.2, 0.2, 1]);
    expect(holmCorrected([])).toEqual([]);
  });
});

describe('what is set against what', () => {
  const seeds = [1, 2, 3];
  const series = (controller: string, values: number[], own = seeds.slice(0, values.length)) => ({
    controller,
    seeds: own,
    values,
  });

  it('pairs by seed, not by place, and leaves out what one of the two lacks', () => {
    const { againstControl } = comparisonStatistics(
      [series('none', [1, 2, 3]), series('late', [5, 3.25], [3, 1])],
      'none',
    );
    expect(againstControl[0]).toMatchObject({ seeds: [3, 1], differences: [2, 2.25] });
  });

  it('does not count a pair that could not be tested among the tests to correct for', () => {
    const pair = [series('none', [1, 2, 3.5]), series('a', [1.5, 2.25, 3.75])];
    const { againstControl: alone } = comparisonStatistics(pair, 'none');
    const { againstControl } = comparisonStatistics(
      [...pair, series('once', [9]), series('diverged', [1, Infinity, 2])],
      'none',
    );
    expect(againstControl.map(({ finding }) => finding)).toEqual([alone[0]?.finding, 'untested', 'untested']);
    expect(againstControl[0]?.correctedP).toBe(alone[0]?.correctedP);
    expect(againstControl[2]).toMatchObject({ seeds: [1, 3], missing: { controller: 1, control: 0 } });
  });

  it('has nothing to say without the control', () => {
    expect(comparisonStatistics([series('a', [1, 2])], 'none')).toMatchObject({
      control: null,
      againstControl: [],
      winner: null,
    });
  });

  it('names a winner only when it is shown to beat every other one', () => {
    const base = [1, 2, 3];
    const shifted = (by: number[]) => base.map((value, index) => value + (by[index] as number));
    const none = series('none', shifted([1, 1.01, 0.99]));
    const best = series('best', base);
    expect(comparisonStatistics([none, best], 'none').winner).toBe('best');
    // Another one that may be as good: the difference changes its sign.
    const rival = series('rival', shifted([0.1, -0.1, 0.01]));
    expect(comparisonStatistics([none, best, rival], 'none').winner).toBeNull();
    // One seed names nobody, however far apart.
    expect(comparisonStatistics([series('none', [9]), series('a', [1])], 'none').winner).toBeNull();
  });
});
