/**
 * Bayesian linear regression with a normal-inverse-gamma prior: y = w'x + e, e ~ N(0, s2), w | s2 ~ N(0, s2 V0),
 * s2 ~ IG(a0, b0). Gelman et al., Bayesian Data Analysis, 3rd edition, section 14.8; Murphy, Machine Learning, 7.6.3.
 * After n observations:
 *
 *     V^-1 = V0^-1 + X'X,  m = V X'y,  a = a0 + n / 2,  b = b0 + (y'y - m' V^-1 m) / 2
 */
import { CholeskyDecomposition, LuDecomposition, Matrix } from 'ml-matrix';
import type { RandomStream } from '@ligature/core';

/** All that the observations say: plain numbers, so that they are their own snapshot. */
export interface Evidence {
  readonly count: number;
  /** X'X, row by row, [weights x weights]. */
  readonly products: readonly number[];
  /** X'y. */
  readonly moments: readonly number[];
  /** y'y. */
  readonly squares: number;
}

export const noEvidence = (weights: number): Evidence => ({
  count: 0,
  products: new Array<number>(weights * weights).fill(0),
  moments: new Array<number>(weights).fill(0),
  squares: 0,
});

/** With one observation more. */
export function observed(evidence: Evidence, x: readonly number[], y: number): Evidence {
  return {
    count: evidence.count + 1,
    products: evidence.products.map((sum, at) => sum + x[Math.floor(at / x.length)]! * x[at % x.length]!),
    moments: evidence.moments.map((sum, at) => sum + x[at]! * y),
    squares: evidence.squares + y * y,
  };
}

export interface Prior {
  /** Diagonal of V0: variance of each weight, in units of the noise's. */
  readonly variances: readonly number[];
  /** Of the inverse-gamma law of the noise's variance, whose mode is b / (a + 1); a is 1 or more. */
  readonly a: number;
  readonly b: number;
}

export interface Posterior {
  /** Means of the weights. */
  readonly mean: readonly number[];
  /** Of the inverse-gamma law of the noise's variance. */
  readonly a: number;
  readonly b: number;
  /** V, row by row: covariance of the weights, in units of the noise's variance. */
  covariance(): number[];
  /** Weights drawn from the posterior: first the variance of the noise, then the weights. */
  draw(random: RandomStream): number[];
}

/** @throws RangeError for products that are no sum of products of observations */
export function posterior(prior: Prior, evidence: Evidence): Posterior {
  const size = prior.variances.length;
  const precision = Matrix.from1DArray(size, size, [...evidence.products]);
  prior.variances.forEach((variance, at) => {
    precision.set(at, at, precision.get(at, at) + 1 / variance);
  });
  // A sum of squares and a positive diagonal are positive definite.
  const cholesky = new CholeskyDecomposition(precision);
  if (!cholesky.isPositiveDefinite()) throw new RangeError('the products are of no observations');
  const mean = cholesky.solve(Matrix.columnVector([...evidence.moments])).to1DArray();
  const explained = mean.reduce((sum, weight, at) => sum + weight * evidence.moments[at]!, 0);
  const a = prior.a + evidence.count / 2;
  // Rounding could make a perfect fit less than nothing.
  const b = prior.b + Math.max(0, evidence.squares - explained) / 2;
  return {
    mean,
    a,
    b,
    covariance: () => cholesky.solve(Matrix.eye(size)).to1DArray(),
    draw(random) {
      const deviation = Math.sqrt(b / gamma(a, random));
      const normals = Matrix.columnVector(Array.from({ length: size }, () => random.normal()));
      // With V^-1 = L L', the solution of L' z = normals has the covariance V.
      const upper = cholesky.lowerTriangularMatrix.transpose();
      const drawn = new LuDecomposition(upper).solve(normals).to1DArray();
      return mean.map((weight, at) => weight + deviation * drawn[at]!);
    },
  };
}

/**
 * A draw of the gamma law with scale 1. Marsaglia & Tsang, A Simple Method for Generating Gamma Variables, ACM Transactions
 * on Mathematical Software 26, 2000.
 *
 * @param shape 1 or more
 */
export function gamma(shape: number, random: RandomStream): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    // 1 - u lies in (0, 1], so the logarithm is finite.
    if (Math.log(1 - random.uniform()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
