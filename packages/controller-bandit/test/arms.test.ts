import { createRandomStream } from '@ligature/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseArm, enterReward, meanReward, newArms, upperBound } from '../src/arms.js';

describe('the index of UCB1', () => {
  it('is that of the paper', () => {
    // Auer et al. 2002, figure 1: mean + sqrt(2 ln n / n_j). n = 100, n_j = 25, worked out with bc -l to 10 digits.
    expect(upperBound(0.3, 25, 100, Math.SQRT2)).toBeCloseTo(0.9069708518, 9);
    expect(upperBound(0.3, 0, 100, Math.SQRT2)).toBe(Infinity);
  });
});

describe('what is remembered', () => {
  const pulls = fc.array(fc.tuple(fc.nat(2), fc.double({ min: -5, max: 5, noNaN: true })), { maxLength: 40 });

  it('is the discounted mean of the definition', () => {
    fc.assert(
      fc.property(pulls, fc.double({ min: 0.3, max: 1, noNaN: true }), (history, discount) => {
        const arms = newArms(3);
        for (const [arm, reward] of history) enterReward(arms, arm, reward, { discount, window: null });
        for (const arm of [0, 1, 2]) {
          let count = 0;
          let sum = 0;
          history.forEach(([pulled, reward], at) => {
            if (pulled !== arm) return;
            count += discount ** (history.length - 1 - at);
            sum += reward * discount ** (history.length - 1 - at);
          });
          expect(arms.counts[arm]).toBeCloseTo(count, 9);
          expect(meanReward(arms, arm)).toBeCloseTo(count > 0 ? sum / count : 0, 6);
          expect(arms.tried[arm]).toBe(count > 0);
        }
      }),
    );
  });

  it('is the plain mean of the last rewards with a sliding window', () => {
    fc.assert(
      fc.property(pulls, fc.integer({ min: 1, max: 12 }), (history, window) => {
        const arms = newArms(3);
        for (const [arm, reward] of history) enterReward(arms, arm, reward, { discount: 1, window });
        for (const arm of [0, 1, 2]) {
          const seen = history.slice(-window).filter(([pulled]) => pulled === arm);
          expect(arms.counts[arm]).toBe(seen.length);
          const sum = seen.reduce((all, [, reward]) => all + reward, 0);
          expect(meanReward(arms, arm)).toBeCloseTo(seen.length > 0 ? sum / seen.length : 0, 9);
        }
      }),
    );
  });
});

describe('choosing', () => {
  const ucb = { policy: 'ucb', exploration: 1 } as const;

  it('takes one of the candidates, those first that were never tried', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(7), { minLength: 1 }),
        fc.array(fc.nat(7), { maxLength: 12 }),
        fc.constantFrom('ucb' as const, 'thompson' as const),
        fc.nat(),
        (candidates, pulled, policy, seed) => {
          const arms = newArms(8);
          for (const arm of pulled) enterReward(arms, arm, 1, { discount: 0.9, window: null });
          const { arm } = chooseArm(
            arms,
            candidates,
            { policy, exploration: 1 },
            createRandomStream(seed, 'x'),
          );
          const untried = candidates.filter((one) => !pulled.includes(one));
          expect(untried.length > 0 ? untried : candidates).toContain(arm);
        },
      ),
    );
  });

  it('prefers what is known least among equals', () => {
    const arms = { ...newArms(2), counts: [9, 3], sums: [4.5, 1.5], tried: [true, true] };
    expect(chooseArm(arms, [0, 1], ucb, createRandomStream(1, 'x')).arm).toBe(1);
    expect(chooseArm(arms, [0], ucb, createRandomStream(1, 'x')).arm).toBe(0);
  });

  it('with thompson draws from the normal posterior: P(second) = Phi of the distance of the means', () => {
    const arms = { ...newArms(2), counts: [3, 8], sums: [0.9, 3.2], tried: [true, true] };
    const random = createRandomStream(4, 'x');
    const draws = 20_000;
    let second = 0;
    for (let i = 0; i < draws; i += 1) {
      second += chooseArm(arms, [0, 1], { policy: 'thompson', exploration: 1 }, random).arm;
    }
    // Means 0.3 and 0.4, variances 1/4 and 1/9: Phi(0.1 / sqrt(13/36)) = Phi(0.16641) = 0.56608 (tables of the normal
    // distribution); four standard errors of 20 000 draws are 0.014.
    expect(Math.abs(second / draws - 0.56608)).toBeLessThan(0.014);
  });
});
