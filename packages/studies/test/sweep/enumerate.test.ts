/** Grids have every combination once; random search draws from the space, alike for one seed, and goes on with its list. */
import { createRandomStream } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf, randomSample, type SweepDimension, type SweepField } from '../../src/index.js';
import { valueAt, valueCount } from '../../src/sweep/grid.js';
import { drawValue } from '../../src/sweep/random.js';

const fieldsOf = (dimensions: readonly SweepDimension[]): SweepField[] =>
  dimensions.map((dimension, index) => ({ path: `f${index}`, name: `f${index}`, dimension, text: '' }));

const range = (low: number, high: number, rest: Partial<SweepDimension> = {}): SweepDimension =>
  ({ kind: 'range', low, high, scale: 'linear', integer: false, step: null, ...rest }) as SweepDimension;

const lists = fc.array(
  fc
    .uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean()), { minLength: 1, maxLength: 5 })
    .map((values): SweepDimension => ({ kind: 'list', values })),
  { minLength: 1, maxLength: 4 },
);
const ranges = fc
  .record({
    low: fc.integer({ min: 1, max: 50 }),
    span: fc.integer({ min: 1, max: 1000 }),
    scale: fc.constantFrom('linear' as const, 'log' as const),
    integer: fc.boolean(),
  })
  .map(({ low, span, scale, integer }) => range(low, low + span, { scale, integer }));
const spaces = fc
  .array(fc.oneof(ranges, fc.constant<SweepDimension>({ kind: 'list', values: ['a', 'b'] })), {
    minLength: 1,
    maxLength: 3,
  })
  .map(fieldsOf);

describe('a grid', () => {
  it('has every combination once, the last field fastest', () => {
    fc.assert(
      fc.property(lists, (dimensions) => {
        const points = gridOf(fieldsOf(dimensions));
        // The product as nested loops would write it.
        let expected: unknown[][] = [[]];
        for (const one of dimensions) {
          const values = one.kind === 'list' ? one.values : [];
          expected = expected.flatMap((start) => values.map((value) => [...start, value]));
        }
        expect(points).toEqual(expected);
      }),
    );
  });

  it('counts steps and whole numbers, ends included, without the dust of binary fractions', () => {
    const all = (dimension: SweepDimension): unknown[] =>
      Array.from({ length: valueCount(dimension) }, (_, index) => valueAt(dimension, index));
    expect(all(range(0.1, 0.5, { step: 0.1 }))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(all(range(0, 1, { step: 0.4 }))).toEqual([0, 0.4, 0.8]);
    expect(all(range(8, 32, { step: 8, integer: true }))).toEqual([8, 16, 24, 32]);
    expect(all(range(-1, 2, { integer: true }))).toEqual([-1, 0, 1, 2]);
  });

  it('refuses what has no end and what nobody reads', () => {
    expect(() => gridOf(fieldsOf([range(0, 1)]))).toThrow(/f0.*any number of values.*--search random/s);
    expect(() => gridOf(fieldsOf([range(1, 9, { integer: true, scale: 'log' })]))).toThrow(/any number/);
    const long = range(1, 200, { integer: true });
    expect(() => gridOf(fieldsOf([long, long]))).toThrow(/40000 configurations, more than 10000/);
  });
});

describe('a random search', () => {
  it('is the same for one seed, and more samples go on with the list', () => {
    fc.assert(
      fc.property(
        spaces,
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(12),
        (fields, seed, few, more) => {
          const short = randomSample(fields, few, seed);
          const long = randomSample(fields, few + more, seed);
          expect(long.slice(0, short.length)).toEqual(short);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('draws distinct values, each within its dimension', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (fields, seed) => {
        const points = randomSample(fields, 15, seed);
        expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(points.length);
        for (const point of points) {
          fields.forEach(({ dimension }, index) => {
            const value = point[index];
            if (dimension.kind === 'list') expect(dimension.values).toContain(value);
            else {
              expect(value).toBeGreaterThanOrEqual(dimension.low);
              expect(value).toBeLessThanOrEqual(dimension.high);
              if (dimension.integer) expect(Number.isInteger(value)).toBe(true);
            }
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes a small space whole, and never more than there is', () => {
    const fields = fieldsOf([range(1, 3, { integer: true }), { kind: 'list', values: ['a', 'b'] }]);
    const key = (points: unknown[][]): string[] => points.map((point) => JSON.stringify(point)).sort();
    expect(key(randomSample(fields, 50, 3))).toEqual(key(gridOf(fields)));
    expect(randomSample(fields, 6, 1)).not.toEqual(randomSample(fields, 6, 2));
  });

  it('leaves the values of a field as they are when another one is added', () => {
    const [first, second] = fieldsOf([range(0, 1), range(1e-4, 1e-1, { scale: 'log' })]) as [
      SweepField,
      SweepField,
    ];
    const alone = randomSample([first], 20, 7).map(([value]) => value);
    expect(randomSample([first, second], 20, 7).map(([value]) => value)).toEqual(alone);
  });

  it('spreads evenly, by numbers or by ratios, and gives both ends of whole numbers their share', () => {
    const draw = (dimension: SweepDimension): number[] => {
      const stream = createRandomStream(11, 'test');
      return Array.from({ length: 4000 }, () => drawValue(dimension, stream) as number);
    };
    const share = (values: readonly number[], below: number): number =>
      values.filter((value) => value < below).length / values.length;
    // Four standard errors of a share of 4000 draws around a half are 0.032.
    expect(Math.abs(share(draw(range(2, 4)), 3) - 0.5)).toBeLessThan(0.032);
    expect(Math.abs(share(draw(range(1e-4, 1, { scale: 'log' })), 1e-2) - 0.5)).toBeLessThan(0.032);
    const whole = draw(range(1, 4, { integer: true, scale: 'log' }));
    // Of [0.5, 4.5] in ratios, ln(3)/ln(9) = 1/2 rounds to 1.
    expect(Math.abs(share(whole, 1.5) - 0.5)).toBeLessThan(0.032);
    expect(new Set(whole)).toEqual(new Set([1, 2, 3, 4]));
  });
});
