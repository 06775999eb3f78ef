import { describe, expect, it } from 'vitest';
import { cutChunks, rowGroups, type ChunkOptions } from '@ligature/tasks';
import { range } from './helpers.js';

/** All chunks as pairs of inputs and labels. */
function cut(tokens: number[], options: ChunkOptions): [number[], number[]][] {
  const chunks = cutChunks(Int32Array.from(tokens), options);
  return range(chunks.count).map((index) => {
    // Written behind one position that must stay as it is.
    const inputs = new Int32Array(options.context + 1).fill(-7);
    const labels = inputs.slice();
    chunks.copy(index, inputs, labels, 1);
    expect([inputs[0], labels[0]]).toEqual([-7, -7]);
    return [[...inputs.subarray(1)], [...labels.subarray(1)]];
  });
}

describe('contiguous chunks', () => {
  it('are windows with the next token as label', () => {
    expect(cut(range(8, 10), { context: 3 })).toEqual([
      [
        [10, 11, 12],
        [11, 12, 13],
      ],
      [
        [13, 14, 15],
        [14, 15, 16],
      ],
    ]);
  });

  it.each([
    [0, 0],
    [1, 0],
    [3, 0],
    [4, 1],
    [6, 1],
    [7, 2],
  ])('of context 3: %i tokens make %i', (tokens, count) => {
    expect(cut(range(tokens), { context: 3 })).toHaveLength(count);
  });
});

describe('bos-eos chunks', () => {
  const special = { bosId: 90, eosId: 91, chunking: 'bos-eos' as const };

  it('are runs between bos and eos; what remains of a group is dropped', () => {
    expect(cut(range(11), { context: 4, ...special, groups: [5, 11] })).toEqual([
      [
        [90, 0, 1, 2],
        [0, 1, 2, 91],
      ],
      [
        [90, 5, 6, 7],
        [5, 6, 7, 91],
      ],
      [
        [90, 8, 9, 10],
        [8, 9, 10, 91],
      ],
    ]);
  });

  it('take the whole text as one group by default', () => {
    expect(cut(range(7), { context: 4, ...special }).map(([inputs]) => inputs)).toEqual([
      [90, 0, 1, 2],
      [90, 3, 4, 5],
    ]);
  });

  it('use one special token as both where there is only one, and refuse to do without', () => {
    expect(cut([1], { context: 2, chunking: 'bos-eos', eosId: 5 })).toEqual([
      [
        [5, 1],
        [1, 5],
      ],
    ]);
    expect(cut([1], { context: 2, chunking: 'bos-eos', bosId: 6 })).toEqual([
      [
        [6, 1],
        [1, 6],
      ],
    ]);
    expect(() => cut([1], { context: 2, chunking: 'bos-eos' })).toThrow(
      expect.objectContaining({ code: 'chunking-needs-special-token' }),
    );
  });

  it.each([0, -1, 1.5, NaN])('refuse a context of %d', (context) => {
    const invalid = expect.objectContaining({ name: 'InputError', code: 'batch-shape-invalid' });
    expect(() => cutChunks(new Int32Array(9), { context })).toThrow(invalid);
    expect(() => cutChunks(new Int32Array(9), { context, ...special })).toThrow(invalid);
  });
});

describe('chunks of documents', () => {
  it('end with them, and are filled up with what does not count', () => {
    // Documents of 5, 1, 0 and 4 tokens: the first token of each is asked for nowhere, and one alone makes no chunk.
    const groups = [5, 6, 6, 10];
    expect(cut(range(10, 10), { context: 3, chunking: 'documents', groups })).toEqual([
      [
        [10, 11, 12],
        [11, 12, 13],
      ],
      [
        [13, 0, 0],
        [14, -1, -1],
      ],
      [
        [16, 17, 18],
        [17, 18, 19],
      ],
    ]);
    const { count, targets } = cutChunks(Int32Array.from(range(10)), {
      context: 3,
      chunking: 'documents',
      groups,
    });
    expect({ count, targets }).toEqual({ count: 3, targets: 7 });
  });
});

describe('rowGroups', () => {
  it('counts empty rows into the groups of 1000 and then drops them', () => {
    // Rows 0..2499: every third one white. The first group holds rows 0..999, and so on.
    const rows = range(2500).map((row) => (row % 3 === 2 ? ' \n' : ` row ${row} \n`));
    const groups = rowGroups(rows.join(''));
    const kept = (first: number, end: number): string =>
      rows
        .slice(first, end)
        .filter((row) => row !== ' \n')
        .join('');
    expect(groups).toEqual([kept(0, 1000), kept(1000, 2000), kept(2000, 2500)]);
  });

  it('takes a last line without a line end', () => {
    expect(rowGroups('a\n\nb')).toEqual(['a\nb']);
    expect(rowGroups('')).toEqual([]);
  });
});
