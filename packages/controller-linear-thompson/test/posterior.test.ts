/** The regression against NumPy, and its draws against the laws that they should have. */
import { createRandomStream } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { noEvidence, observed, posterior, type Evidence } from '../src/index.js';
import { gamma } from '../src/posterior.js';

const X = [
  [1, 0.5, -1],
  [1, -1.25, 0.75],
  [1, 2, 0],
  [1, 0.25, 1.5],
  [1, -0.75, -0.5],
  [1, 0, 2],
];
const y = [0.03, -0.01, 0.08, 0.05, -0.02, 0.06];
const prior = { variances: [25, 0.25, 0.25], a: 1, b: 1e-4 };
const evidence = X.reduce<Evidence>((all, x, at) => observed(all, x, y[at]!), noEvidence(3));

/*
 * NumPy 2.4.6:
 *   V0 = np.diag([25., .25, .25]); P = np.linalg.inv(V0) + X.T @ X; V = np.linalg.inv(P); m = V @ X.T @ y
 *   r = y - X @ m; b = 1e-4 + .5 * (r @ r + m @ np.linalg.inv(V0) @ m)      # residuals, not the form of the code
 */
const MEAN = [0.024790628371782353, 0.019432769871037352, 0.00934182808405693];
const V = [
  ...[0.18747693759254155, -0.016348035666742956, -0.043672609566870475],
  ...[-0.01634803566674296, 0.09759497041005544, 0.009289420952576684],
  ...[-0.043672609566870475, 0.009289420952576684, 0.09338745311616914],
];
const B = 0.001823489441504393;

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the posterior', () => {
  it('is that of NumPy', () => {
    const after = posterior(prior, evidence);
    after.mean.forEach((value, at) => expect(value).toBeCloseTo(MEAN[at]!, 13));
    after.covariance().forEach((value, at) => expect(value).toBeCloseTo(V[at]!, 13));
    expect(after.a).toBe(4);
    expect(after.b).toBeCloseTo(B, 15);
  });

  it('is by hand with one weight: precision 1/4 + 1 + 4 + 9, moment 1 + 6 + 6', () => {
    const one = [1, 2, 3].reduce<Evidence>((all, x, at) => observed(all, [x], [1, 3, 2][at]!), noEvidence(1));
    const { mean, a, b, covariance } = posterior({ variances: [4], a: 1, b: 0.5 }, one);
    expect(mean[0]).toBeCloseTo(13 / 14.25, 14);
    expect(covariance()[0]).toBeCloseTo(1 / 14.25, 14);
    expect(a).toBe(2.5);
    expect(b).toBeCloseTo(0.5 + (14 - 13 ** 2 / 14.25) / 2, 13);
  });

  it('is the prior where nothing was seen', () => {
    const before = posterior(prior, noEvidence(3));
    expect(before.mean).toEqual([0, 0, 0]);
    expect(before.covariance()).toEqual(
      [25, 0, 0, 0, 0.25, 0, 0, 0, 0.25].map((one) => expect.closeTo(one, 12)),
    );
    expect([before.a, before.b]).toEqual([1, 1e-4]);
  });

  it('refuses products that no observations have', () => {
    const impossible = { count: 1, products: [1, 9, 9, 1], moments: [0, 0], squares: 1 };
    expect(() => posterior({ variances: [1, 1], a: 1, b: 1 }, impossible)).toThrow(RangeError);
  });
});

describe('draws', () => {
  it('have the moments of the multivariate t law: mean m, covariance b / (a - 1) V', () => {
    const random = createRandomStream(4, 'draws');
    const after = posterior(prior, evidence);
    const draws = Array.from({ length: 40_000 }, () => after.draw(random));
    const scale = B / 3;
    for (const i of [0, 1, 2]) {
      const error = Math.sqrt((scale * V[4 * i]!) / draws.length);
      expect(Math.abs(average(draws.map((draw) => draw[i]!)) - MEAN[i]!)).toBeLessThan(4.5 * error);
      for (const j of [0, 1, 2]) {
        const products = draws.map((draw) => (draw[i]! - MEAN[i]!) * (draw[j]! - MEAN[j]!));
        const size = scale * Math.sqrt(V[4 * i]! * V[4 * j]!);
        // 8 degrees of freedom: the kurtosis of t is 4.5, so a product has a deviation below 1.9 of its size; 4.5 errors.
        expect(Math.abs(average(products) - scale * V[3 * i + j]!)).toBeLessThan((4.5 * 1.9 * size) / 200);
      }
    }
  });

  it.each([1, 2.5, 40])(
    'of the gamma law with shape %d have its mean, variance and third moment',
    (shape) => {
      const random = createRandomStream(9, 'gamma');
      const draws = Array.from({ length: 40_000 }, () => gamma(shape, random));
      expect(Math.min(...draws)).toBeGreaterThan(0);
      const within = (found: number, expected: number, deviation: number): void =>
        expect(Math.abs(found - expected)).toBeLessThan((4.5 * deviation) / 200);
      within(average(draws), shape, Math.sqrt(shape));
      // E (x - k)^2 = k and E (x - k)^4 = 3 k^2 + 6 k; E x^3 = k (k + 1) (k + 2), E x^6 likewise.
      within(average(draws.map((one) => (one - shape) ** 2)), shape, Math.sqrt(2 * shape ** 2 + 6 * shape));
      const rising = (n: number): number =>
        Array.from({ length: n }, (_, at) => shape + at).reduce((product, one) => product * one, 1);
      within(average(draws.map((one) => one ** 3)), rising(3), Math.sqrt(rising(6) - rising(3) ** 2));
    },
  );
});
