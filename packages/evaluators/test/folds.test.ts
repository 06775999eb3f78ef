/** Folds against numbers worked out by hand. */
import { accuracyFold, perplexityFold } from '@ligature/evaluators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Two batches: 8 tokens at 1 nat and 2 tokens at 3 nats, behind 20 bytes of text.
const scores = [
  { nats: 8, tokens: 8, correct: 3 },
  { nats: 6, tokens: 2, correct: 2 },
];
const scope = { split: 'validation', tokens: 10, bytes: 20 } as const;

function fold(made: ReturnType<typeof accuracyFold>) {
  for (const score of scores) made.add(score);
  return made.finish(scope);
}

describe('perplexity', () => {
  it('weighs tokens alike', () => {
    const { nats, perplexity, bitsPerByte } = fold(perplexityFold({ mean: 'token' }));
    expect(nats).toBe(1.4);
    expect(perplexity).toBeCloseTo(4.0552, 4); // e^1.4
    expect(bitsPerByte).toBeCloseTo(1.00989, 5); // 14 / 0.693147 / 20
  });

  it('weighs batches alike when asked to, as the official code does', () => {
    const { nats, perplexity, bitsPerByte } = fold(perplexityFold({ mean: 'batch' }));
    expect(nats).toBe(2); // (1 + 3) / 2
    expect(perplexity).toBeCloseTo(7.389056, 6);
    expect(bitsPerByte).toBeCloseTo(1.00989, 5);
  });

  it('does not depend on how the tokens are cut into batches', () => {
    const tokens = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(tokens, fc.array(fc.nat(11)), (nats, cuts) => {
        const scope = { split: 'test', tokens: nats.length, bytes: 7 } as const;
        const whole = perplexityFold({ mean: 'token' });
        whole.add({ nats: nats.reduce((a, b) => a + b, 0), tokens: nats.length, correct: 0 });
        const cut = perplexityFold({ mean: 'token' });
        const ends = [...new Set([0, ...cuts.filter((at) => at < nats.length), nats.length])].sort(
          (a, b) => a - b,
        );
        ends.slice(1).forEach((end, i) => {
          const part = nats.slice(ends[i], end);
          cut.add({ nats: part.reduce((a, b) => a + b, 0), tokens: part.length, correct: 0 });
        });
        const [a, b] = [whole.finish(scope), cut.finish(scope)];
        expect(b.nats).toBeCloseTo(a.nats!, 10);
        expect(b.bitsPerByte).toBeCloseTo(a.bitsPerByte!, 10);
      }),
    );
  });

  it('gives no bits per byte when the size of the text is not known', () => {
    const made = perplexityFold({ mean: 'token' });
    made.add(scores[0]!);
    expect(Object.keys(made.finish({ split: 'test', tokens: 8, bytes: 0 }))).toEqual(['nats', 'perplexity']);
  });
});

it('accuracy is the share of all tokens, not the mean of shares', () => {
  expect(fold(accuracyFold())).toEqual({ accuracy: 0.5 });
});

describe.each([
  ['perplexity', () => perplexityFold({ mean: 'token' })],
  ['accuracy', accuracyFold],
])('%s refuses', (_, make) => {
  it('an empty pass', () => {
    expect(() => make().finish(scope)).toThrow(expect.objectContaining({ code: 'evaluation-empty' }));
  });

  it('a pass that is not the one it claims to be', () => {
    const made = make();
    made.add(scores[0]!);
    expect(() => made.finish(scope)).toThrow(expect.objectContaining({ code: 'evaluation-incomplete' }));
  });
});
