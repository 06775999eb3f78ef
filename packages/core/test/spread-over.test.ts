import fc from 'fast-check';
import { expect, it } from 'vitest';
import { measuredPart, partInWords, spreadOver } from '../src/index.js';

it('takes the middles of equal parts, in order', () => {
  // Of ten places in two halves: 0 to 4 and 5 to 9.
  expect(spreadOver(2, 10)).toEqual([2, 7]);
  expect(spreadOver(3, 9)).toEqual([1, 4, 7]);
  expect(spreadOver(1, 5)).toEqual([2]);
  expect(spreadOver(5, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(spreadOver(9, 3)).toEqual([0, 1, 2]);
});

it('takes each place once, one from every part, so that no gap is wider than two parts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (count, of) => {
      const places = spreadOver(count, of);
      expect(new Set(places).size).toBe(Math.min(count, of));
      const part = of / Math.min(count, of);
      places.forEach((place, at) => {
        expect(place).toBeGreaterThanOrEqual(Math.floor(at * part));
        expect(place).toBeLessThan((at + 1) * part);
      });
    }),
  );
});

it('says of a result what was measured, where that is not all', () => {
  expect(measuredPart({})).toBeUndefined();
  expect(measuredPart({ subset: { validation: { batches: 3, of: 51 }, test: { batches: 4, of: 54 } } })).toBe(
    '3 of 51 batches of validation and 4 of 54 of test',
  );
  expect(measuredPart({ subset: { test: { batches: 64, of: 512 } } })).toBe('64 of 512 batches of test');
  const validation = { batches: 9, of: 47, apart: 2 };
  expect(measuredPart({ subset: { validation, test: { batches: 9, of: 48 } } })).toBe(
    '9 of 47 batches of validation (2 set apart for rewards) and 9 of 48 of test',
  );
  expect(partInWords(validation)).toBe('9 of 47 (2 set apart for rewards)');
});
