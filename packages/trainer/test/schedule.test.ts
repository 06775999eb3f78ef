import { describe, expect, it } from 'vitest';
import { learningRateAt, type Schedule } from '../src/index.js';

const cosine: Schedule = { kind: 'cosine', learningRate: 1e-3, warmup: 9, floor: 0.1, steps: 109 };

describe('learningRateAt', () => {
  it('warms up in equal parts, the first of them not zero', () => {
    expect(learningRateAt(0, cosine)).toBeCloseTo(1e-4, 12);
    expect(learningRateAt(4, cosine)).toBeCloseTo(5e-4, 12);
    expect(learningRateAt(8, cosine)).toBeCloseTo(9e-4, 12);
    expect(learningRateAt(9, cosine)).toBeCloseTo(1e-3, 12);
  });

  it('follows the half cosine to the floor: its thirds, its middle, its end', () => {
    // Of the way from peak to floor: cos(60 degrees) leaves 3/4 after a third, cos(120 degrees) 1/4 after two.
    const thirds: Schedule = { ...cosine, warmup: 0, steps: 300 };
    expect(learningRateAt(100, thirds)).toBeCloseTo(1e-4 + 0.75 * 9e-4, 12);
    expect(learningRateAt(150, thirds)).toBeCloseTo(5.5e-4, 12);
    expect(learningRateAt(200, thirds)).toBeCloseTo(1e-4 + 0.25 * 9e-4, 12);
    expect(learningRateAt(300, thirds)).toBeCloseTo(1e-4, 12);
    expect(learningRateAt(5000, thirds)).toBeCloseTo(1e-4, 12);
  });

  it('stays at the peak when constant, after the same warm-up', () => {
    const constant: Schedule = { ...cosine, kind: 'constant' };
    expect(learningRateAt(0, constant)).toBeCloseTo(1e-4, 12);
    expect([9, 50, 108, 400].map((step) => learningRateAt(step, constant))).toEqual([1e-3, 1e-3, 1e-3, 1e-3]);
  });

  it('is at the floor, not undefined, when the warm-up takes the whole budget', () => {
    const short: Schedule = { ...cosine, warmup: 20, steps: 20 };
    expect(learningRateAt(20, short)).toBeCloseTo(1e-4, 12);
  });
});
