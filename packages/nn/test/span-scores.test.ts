/** Scores of spans against a search of all of them, on random outputs. */
import { spanScores } from '@ligature/nn';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS } from './support/backends.js';
import { expectClose } from './support/close.js';
import * as loops from './support/numeric.js';

/** The same as `spanScores` for one sequence, one span after the other. */
function searched(
  logits: readonly (readonly [number, number])[],
  allowed: readonly number[],
  [start, end]: readonly [number, number],
  longest: number,
): number[] {
  const open = allowed.flatMap((kind, at) => (kind > 0 ? [at] : []));
  const nats = ([0, 1] as const).map((of) =>
    loops.crossEntropy(
      open.map((at) => logits[at]![of]),
      open.length,
      [open.indexOf(of === 0 ? start : end)],
    ),
  );
  let best = [0, 0, -Infinity];
  for (let s = 0; s < logits.length; s += 1) {
    for (let e = s; e < Math.min(logits.length, s + longest); e += 1) {
      const score = logits[s]![0] + logits[e]![1];
      if (allowed[s] === 1 && allowed[e] === 1 && score > best[2]!) best = [s, e, score];
    }
  }
  return [(nats[0]! + nats[1]!) / 2, ...best, logits[0]![0] + logits[0]![1]];
}

describe.each(BACKENDS)('spanScores on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it('are nats, the best of all spans that may be, and what the first position says', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 11 }))
      .chain(([batch, time, longest]) => {
        // Halves: equal sums are equal in float32 too.
        const half = fc.integer({ min: -9, max: 9 }).map((n) => n / 2);
        const row = fc.record({
          logits: fc.array(fc.tuple(half, half), { minLength: time, maxLength: time }),
          inside: fc
            .array(fc.boolean(), { minLength: time - 1, maxLength: time - 1 })
            .map((places) => (places.includes(true) ? places : places.fill(true, 0, 1))),
          labels: fc.tuple(fc.nat(99), fc.nat(99)),
        });
        return fc.record({
          time: fc.constant(time),
          longest: fc.constant(longest),
          rows: fc.array(row, { minLength: batch, maxLength: batch }),
        });
      });
    fc.assert(
      fc.property(cases, ({ time, longest, rows }) => {
        const batch = rows.length;
        const known = rows.map(({ logits, inside, labels }) => {
          const allowed = [2, ...inside.map(Number)];
          const open = allowed.flatMap((kind, at) => (kind > 0 ? [at] : []));
          const at = labels.map((label) => open[label % open.length]!) as [number, number];
          return { logits, allowed, at };
        });
        const found = tf.tidy(() => {
          const features = tf.tensor2d(
            known.flatMap(({ logits }) => logits.flat()),
            [batch * time, 2],
          );
          const scores = spanScores(
            { features, weight: tf.eye(2) },
            {
              starts: tf.tensor1d(
                known.map(({ at }) => at[0]),
                'int32',
              ),
              ends: tf.tensor1d(
                known.map(({ at }) => at[1]),
                'int32',
              ),
              allowed: tf.tensor2d(
                known.flatMap(({ allowed }) => allowed),
                [batch, time],
                'int32',
              ),
              longest,
            },
          );
          expect([scores.shape, scores.dtype]).toEqual([[5, batch], 'float32']);
          return scores.arraySync();
        });
        known.forEach(({ logits, allowed, at }, row) =>
          expectClose(
            found.map((values) => values[row]!),
            searched(logits, allowed, at, longest),
            2e-5,
            1e-5,
          ),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('of a sequence without a position for a span say that there is none', () => {
    const [[nats], , , [best], [none]] = tf.tidy(() =>
      spanScores(
        {
          features: tf.tensor2d([
            [3, 1],
            [9, 9],
          ]),
          weight: tf.eye(2),
        },
        {
          starts: tf.tensor1d([0], 'int32'),
          ends: tf.tensor1d([0], 'int32'),
          allowed: tf.tensor2d([[2, 0]], [1, 2], 'int32'),
          longest: 2,
        },
      ).arraySync(),
    ) as [number[], number[], number[], number[], number[]];
    expect(nats).toBe(0);
    expect(none).toBe(4);
    expect(best).toBeLessThan(-1e8);
  });
});
