/** How often the findings are right, on made-up losses whose truth is known; no training. */
import { createRandomStream, runConfigSchema } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { comparisonStatistics, controlOf, type ComparisonStatistics } from '../../src/index.js';
import { findingsText } from '../../src/statistics/wording.js';

const SEEDS = [1, 2, 3, 4, 5];
/** Standard deviation between runs that differ in nothing but chance, nats. */
const NOISE = 0.02;
const LOSS = { name: 'nats', unit: 'nats', better: 'lower', label: 'loss' } as const;

/**
 * Losses of one comparison. A seed moves all controllers alike; chance moves each by itself, such that differences have
 * a standard deviation of NOISE.
 *
 * @param shifts true difference of each controller from `none`, in standard deviations of the differences
 */
function simulate(seeding: number, shifts: Readonly<Record<string, number>>): ComparisonStatistics {
  const common = createRandomStream(seeding, 'simulation/seeds');
  const bySeed = SEEDS.map(() => common.normal(5, 0.1));
  const losses = Object.entries({ none: 0, ...shifts }).map(([controller, shift]) => {
    const chance = createRandomStream(seeding, `simulation/${controller}`);
    return {
      controller,
      seeds: SEEDS,
      values: bySeed.map((loss) => loss + shift * NOISE + chance.normal(0, NOISE / Math.SQRT2)),
    };
  });
  return comparisonStatistics(losses, 'none');
}

const seedings = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const finding = ({ againstControl }: ComparisonStatistics) => againstControl[0]?.finding;

describe('a renamed copy', () => {
  it('with chance of its own is no difference in at least 19 of 20 seedings', () => {
    const results = seedings(20).map((seeding) => simulate(seeding, { copy: 0 }));
    const none = results.filter((one) => finding(one) === 'no-difference' && one.winner === null);
    expect(none.length).toBeGreaterThanOrEqual(19);
    expect(findingsText(none[0] as ComparisonStatistics, LOSS)).toContain('no difference is shown for copy');
  });

  it('that draws the same numbers is identical, always', () => {
    for (const seeding of seedings(20)) {
      const stream = createRandomStream(seeding, 'simulation/same');
      const values = SEEDS.map(() => stream.normal(5, 0.1));
      const losses = ['none', 'copy'].map((controller) => ({ controller, seeds: SEEDS, values }));
      const statistics = comparisonStatistics(losses, 'none');
      expect(finding(statistics)).toBe('identical');
      expect(statistics.winner).toBeNull();
      expect(findingsText(statistics, LOSS)).toMatch(
        /no difference, to the last digit, has copy.*none is called/,
      );
    }
  });

  it('is called different about as often as the level says, also among many', () => {
    const one = seedings(2000).filter((s) => finding(simulate(s, { copy: 0 })) !== 'no-difference');
    // 5 % of 2 000 is 100, its standard deviation 9.7.
    expect(one.length).toBeGreaterThan(70);
    expect(one.length).toBeLessThan(130);
    const four = { a: 0, b: 0, c: 0, d: 0 };
    const any = seedings(1000)
      .map((seeding) => simulate(seeding, four))
      .filter(({ againstControl }) => againstControl.some((pair) => pair.finding !== 'no-difference'));
    // At most 5 % of 1 000 with the correction (standard deviation 6.9); without it there would be some 150.
    expect(any.length).toBeLessThan(71);
  });

  it('of the best does not become the winner, nor lets the best become it, more often than the level says', () => {
    const winners = seedings(1000).filter((s) => simulate(s, { copy: 0, bad: 20 }).winner !== null);
    expect(winners.length).toBeLessThan(71);
  });
});

describe('a planted difference of two standard deviations', () => {
  it('is found with five seeds', () => {
    const found = seedings(20).filter((seeding) => finding(simulate(seeding, { better: -2 })) === 'lower');
    expect(found.length).toBeGreaterThanOrEqual(16);
    expect(simulate(1, { better: -2 }).winner).toBe('better');
  });

  it('as often as theory says: 1 - nct.cdf(t.ppf(0.975, 4), 4, 2 * sqrt(5)) = 0.909 (scipy 1.17.1)', () => {
    const found = seedings(2000).filter((seeding) => finding(simulate(seeding, { worse: 2 })) === 'higher');
    // Standard deviation of the share: 0.0064.
    expect(found.length / 2000).toBeGreaterThan(0.889);
    expect(found.length / 2000).toBeLessThan(0.929);
  });
});

describe('the control', () => {
  const control = (compare: object) => controlOf(runConfigSchema.parse({ compare }));

  it('is the one asked for, else none, else the first', () => {
    expect(control({ controllers: ['random', 'none'] })).toBe('none');
    expect(control({ controllers: ['random', 'cycle'] })).toBe('random');
    const cycle = { name: 'cycle', options: { blocks: 2 } };
    expect(control({ controllers: ['none', cycle], control: cycle })).toBe('cycle:blocks=2');
  });

  it('has to be compared', () => {
    expect(() => control({ controllers: ['none'], control: 'cycle' })).toThrow(/among the controllers/);
  });
});
