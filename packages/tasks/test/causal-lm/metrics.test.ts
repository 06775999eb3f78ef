/** Folds against numbers worked out by hand. */
import type { BatchScores, EvaluationScope, Metrics } from '@ligature/core';
import { languageModelMetrics, meanMetric, type MeanOver } from '@ligature/tasks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const batch = (nats: readonly number[], correct: readonly number[]): BatchScores => ({
  weight: nats.length,
  columns: { nats: Float32Array.from(nats), correct: Float32Array.from(correct) },
});

// Two batches: 8 tokens at 1 nat and 2 tokens at 3 nats, behind 20 bytes of text.
const scores = [batch(Array<number>(8).fill(1), [1, 1, 1, 0, 0, 0, 0, 0]), batch([3, 3], [1, 1])];
const scope: EvaluationScope = { split: 'validation', weight: 10, bytes: 20 };

function measured(over: MeanOver, batches: readonly BatchScores[] = scores, within = scope): Metrics {
  return Object.fromEntries(
    languageModelMetrics(over).flatMap((metric) => {
      const fold = metric.fold();
      for (const one of batches) fold.add(one);
      const value = fold.finish(within);
      return value === undefined ? [] : [[metric.name, value]];
    }),
  );
}

describe('metrics of language models', () => {
  it('are declared with unit and direction, nats first', () => {
    expect(
      languageModelMetrics().map(({ name, unit, better }) => `${name} ${better} ${unit}`.trim()),
    ).toEqual(['nats lower nats', 'perplexity lower', 'bitsPerByte lower bits/byte', 'accuracy higher %']);
  });

  it('weigh tokens alike', () => {
    const { nats, perplexity, bitsPerByte, accuracy } = measured('target');
    expect(nats).toBe(1.4);
    expect(perplexity).toBeCloseTo(4.0552, 4); // e^1.4
    expect(bitsPerByte).toBeCloseTo(1.00989, 5); // 14 / 0.693147 / 20
    expect(accuracy).toBe(0.5);
  });

  it('weigh batches alike when asked to, as the official code does', () => {
    const { nats, perplexity, bitsPerByte } = measured('batch');
    expect(nats).toBe(2); // (1 + 3) / 2
    expect(perplexity).toBeCloseTo(7.389056, 6);
    expect(bitsPerByte).toBeCloseTo(1.00989, 5);
  });

  it.each(['target', 'batch'] as const)('leave out a batch in which nothing counts (%s)', (over) => {
    const padding: BatchScores = { weight: 0, columns: batch([0, 0], [0, 0]).columns };
    expect(measured(over, [scores[0]!, padding, scores[1]!])).toEqual(measured(over));
  });

  it('do not depend on how the tokens are cut into batches', () => {
    const tokens = fc.array(fc.float({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(tokens, fc.array(fc.nat(11)), (nats, cuts) => {
        const within: EvaluationScope = { split: 'test', weight: nats.length, bytes: 7 };
        const none = nats.map(() => 0);
        const ends = [...new Set([0, ...cuts.filter((at) => at < nats.length), nats.length])].sort(
          (a, b) => a - b,
        );
        const parts = ends.slice(1).map((end, i) => nats.slice(ends[i], end));
        const whole = measured('target', [batch(nats, none)], within);
        const cut = measured(
          'target',
          parts.map((part) =>
            batch(
              part,
              part.map(() => 0),
            ),
          ),
          within,
        );
        expect(cut['nats']).toBeCloseTo(whole['nats']!, 10);
        expect(cut['bitsPerByte']).toBeCloseTo(whole['bitsPerByte']!, 10);
      }),
    );
  });

  it('leave bits per byte out when the size of the text is not known', () => {
    const names = Object.keys(measured('target', scores, { split: 'test', weight: 10 }));
    expect(names).toEqual(['nats', 'perplexity', 'accuracy']);
  });
});

it('targets that do not count weigh nothing', () => {
  const ignored: BatchScores = { weight: 1, columns: { nats: Float32Array.of(2, 0, 0) } };
  const fold = meanMetric({ name: 'nats', unit: 'nats', better: 'lower' }, 'nats').fold();
  fold.add(ignored);
  expect(fold.finish(scope)).toBe(2);
});

it('a fold names the scores that there are when it is asked for another one', () => {
  const fold = meanMetric({ name: 'f1', unit: '', better: 'higher' }, 'f1').fold();
  expect(() => fold.add(scores[0]!)).toThrow('there are nats, correct');
});
