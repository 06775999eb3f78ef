/** What is masked: shares, the three fates of a token, whole words, and that a batch depends on its place alone. */
import { createRandomStream, type Batch, type Field, type RandomStream } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IGNORED, masked, type Masking } from '../../src/masked-lm/masking.js';
import { sameWordBy } from '../../src/masked-lm/words.js';

const MASK = 100;
const batchOf = (rows: number, time: number, token = (at: number): number => at % 97): Batch => ({
  fields: {
    inputs: {
      shape: [rows, time],
      dtype: 'int32',
      data: Int32Array.from({ length: rows * time }, (_, at) => token(at)),
    },
  },
  weight: rows * time,
});
const masking = (more: Partial<Masking> = {}): Masking => ({
  ...{ share: 0.15, maskId: MASK, vocabularySize: 97, ...more },
});
/** One stream for all rows. */
const streamOf = (seed: number): (() => RandomStream) => {
  const stream = createRandomStream(seed, 'x');
  return () => stream;
};
const data = ({ fields }: Batch, name: string): Int32Array => (fields[name] as Field).data as Int32Array;

describe('masking', () => {
  it('asks for what it hides and for nothing else, whatever is drawn', () => {
    const cases = fc.record({
      ...{ rows: fc.integer({ min: 1, max: 4 }), time: fc.integer({ min: 1, max: 12 }), seed: fc.nat() },
      share: fc.constantFrom(0.01, 0.15, 0.5, 1),
    });
    fc.assert(
      fc.property(cases, ({ rows, time, seed, share }) => {
        const batch = batchOf(rows, time);
        const before = [...data(batch, 'inputs')];
        const made = masked(batch, masking({ share }), streamOf(seed));
        const [inputs, labels] = [data(made, 'inputs'), data(made, 'labels')];
        expect([...data(batch, 'inputs')]).toEqual(before);
        expect(made.weight).toBe(labels.filter((label) => label !== IGNORED).length);
        for (let row = 0; row < rows; row += 1)
          expect(labels.subarray(row * time, (row + 1) * time).some((label) => label !== IGNORED)).toBe(true);
        if (share === 1) expect(made.weight).toBe(rows * time);
        labels.forEach((label, at) => {
          if (label === IGNORED) expect(inputs[at]).toBe(before[at]);
          else expect(label).toBe(before[at]);
          expect(inputs[at] === MASK || (inputs[at]! >= 0 && inputs[at]! < 97)).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('chooses 15 %, of which 80 % are masked, 10 % replaced and 10 % kept', () => {
    const batch = batchOf(200, 500);
    const made = masked(batch, masking(), streamOf(1));
    const [inputs, labels] = [data(made, 'inputs'), data(made, 'labels')];
    const chosen = [...labels.keys()].filter((at) => labels[at] !== IGNORED);
    const share = (fits: (at: number) => boolean): number => chosen.filter(fits).length / chosen.length;
    // 100 000 tokens: the standard deviation of the first is 0.0011, of the others below 0.0034; 1 in 97 draws is the token.
    expect(Math.abs(chosen.length / 100_000 - 0.15)).toBeLessThan(0.006);
    expect(Math.abs(share((at) => inputs[at] === MASK) - 0.8)).toBeLessThan(0.017);
    expect(Math.abs(share((at) => inputs[at] === labels[at]) - (0.1 + 0.1 / 97))).toBeLessThan(0.017);
  });

  it('takes the tokens of a word together, and ends words at the ends of rows', () => {
    // Words of three tokens, 0 1 2, 3 4 5, …; the third of a row of eight is cut.
    const sameWord = (before: number, token: number): boolean =>
      Math.floor(before / 3) === Math.floor(token / 3);
    for (let seed = 0; seed < 20; seed += 1) {
      const made = masked(batchOf(4, 8), masking({ share: 0.4, sameWord }), streamOf(seed));
      const labels = data(made, 'labels');
      for (let row = 0; row < 4; row += 1) {
        for (let at = row * 8 + 1; at < row * 8 + 8; at += 1) {
          if (sameWord(at - 1, at)) expect(labels[at] === IGNORED).toBe(labels[at - 1] === IGNORED);
        }
      }
    }
    // Across the end of a row (tokens 6 and 7 | 8) the parts are chosen apart.
    const apart = [...Array(200).keys()].filter((seed) => {
      const made = masked(batchOf(2, 8), masking({ share: 0.5, sameWord }), streamOf(seed));
      const labels = data(made, 'labels');
      return (labels[7] === IGNORED) !== (labels[8] === IGNORED);
    });
    expect(apart.length).toBeGreaterThan(50);
  });
});

describe('words of a tokenizer', () => {
  const judged = (tokens: string[], decode: (ids: readonly number[]) => string) => {
    const same = sameWordBy({ vocabularySize: tokens.length, decode: (ids) => decode(Array.from(ids)) });
    return (a: string, b: string): boolean => same(tokens.indexOf(a), tokens.indexOf(b));
  };

  it('whose tokens hold their spaces go on without one', () => {
    const tokens = ['Call', ' me', ' Ish', 'mael', '.', '2', '\uFFFD', ' '];
    const same = judged(tokens, (ids) => ids.map((id) => tokens[id]).join(''));
    expect(same(' Ish', 'mael')).toBe(true);
    expect(same('Call', ' me')).toBe(false);
    expect(same('mael', '.')).toBe(false);
    expect(same('.', 'Call')).toBe(false);
    expect(same('mael', '2')).toBe(true);
    expect(same('mael', '\uFFFD')).toBe(true);
    expect(same(' ', 'Call')).toBe(false);
  });

  it('whose tokens mark what goes on are told apart by what they make together', () => {
    // As the decoder of WordPiece: a prefix goes, everything else is set off by a space.
    const tokens = ['play', '##ing', 'the', '!'];
    const same = judged(tokens, (ids) =>
      ids
        .map((id, at) =>
          at === 0 ? tokens[id]! : tokens[id]!.startsWith('##') ? tokens[id]!.slice(2) : ` ${tokens[id]}`,
        )
        .join(''),
    );
    expect(same('play', '##ing')).toBe(true);
    expect(same('play', 'the')).toBe(false);
    expect(same('the', '!')).toBe(false);
  });
});
