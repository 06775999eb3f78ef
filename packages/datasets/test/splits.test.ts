import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSplits } from '@ligature/datasets';

const shares = { validation: 0.2, test: 0.2 };

describe('deriveSplits', () => {
  it('cuts after the blank line nearest to the share', () => {
    // 100 characters; cuts wanted at 60 and 80, borders allowed within 10 of them.
    const paragraphs = ['a'.repeat(54), 'b'.repeat(8), 'c'.repeat(16), 'd'.repeat(14)];
    const text = `${paragraphs.join('\n\n')}\n\n`;
    expect(text).toHaveLength(100);
    // Paragraphs end at 56, 66, 84, 100: 56 is nearer to 60 than 66, and 84 is nearest to 80.
    expect(deriveSplits(text, shares)).toEqual({
      train: text.slice(0, 56),
      validation: text.slice(56, 84),
      test: text.slice(84),
    });
  });

  it('prefers a blank line to a nearer line end, a line end to a nearer space', () => {
    const line = (length: number, end: string): string => 'x'.repeat(length - end.length) + end;
    // Borders: blank line at 52, line end at 60, then spaces at 72 and 80 and a line end at 88.
    const text = [line(52, '\n\n'), line(8, '\n'), line(12, ' '), line(8, ' '), line(8, '\n'), line(12, '')];
    expect(Object.values(deriveSplits(text.join(''), shares)).map((part) => part.length)).toEqual([
      52, 36, 12,
    ]);
  });

  it('takes a space where there are no lines, and any place where there are no words', () => {
    const words = 'abcd '.repeat(20);
    expect(Object.values(deriveSplits(words, shares)).map((part) => part.length)).toEqual([60, 20, 20]);
    const one = 'y'.repeat(101);
    expect(Object.values(deriveSplits(one, shares)).map((part) => part.length)).toEqual([61, 20, 20]);
  });

  it('keeps surrogate pairs whole', () => {
    // 61 whales are 122 units: the cuts at 73 and 98 fall into a whale and between two.
    const text = '🐋'.repeat(61);
    const parts = Object.values(deriveSplits(text, shares));
    expect(parts.map((part) => [...part].length)).toEqual([36, 13, 12]);
  });

  it('cuts every text into parts that join to it and none of which is empty', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\n\n', 'é', '🐋'), maxLength: 400 });
    const share = fc.double({ min: 0.05, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(text, share, share, (sample, validation, test) => {
        const splits = deriveSplits(sample, { validation, test });
        expect(splits.train + splits.validation + splits.test).toBe(sample);
        expect(deriveSplits(sample, { validation, test })).toEqual(splits);
        // 2 units of slack on either side of a share of at least 5 %.
        if (sample.length >= 80) for (const part of Object.values(splits)) expect(part).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });
});
