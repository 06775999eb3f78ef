import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizerJson, trainBpe } from '@ligature/tokenizers';
import { mobyDick } from './helpers.js';

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/hugging-face-bpe.json', import.meta.url), 'utf8'),
) as {
  textSha256: string;
  vocabularySize: number;
  mergeCount: number;
  mergesSha256: string;
  firstMerges: string[][];
  lastMerges: string[][];
  idCount: number;
  idsSha256: string;
  samples: { text: string; ids: number[] }[];
};

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

function mergesOf(text: string, options: Parameters<typeof trainBpe>[1]): string[] {
  const { model } = trainBpe(text, options);
  if (model.type !== 'BPE') throw new Error('not a BPE');
  return model.merges.map((merge) => (merge as [string, string]).join(' '));
}

/** The same training by the definition: count all pairs afresh before every merge. Words are ASCII letters. */
function slowMerges(words: readonly string[], limit: number, minFrequency: number): string[] {
  let symbols = words.map((word) => [...word]);
  const order = new Map(Array.from({ length: 94 }, (_, i) => [String.fromCharCode(0x21 + i), i]));
  const merges: string[] = [];
  const tokens = new Set<string>();
  while (tokens.size < limit) {
    const counts = new Map<string, number>();
    for (const word of symbols) {
      for (let i = 1; i < word.length; i += 1) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const rank = (pair: string): number[] => pair.split(' ').map((part) => order.get(part) as number);
    const best = [...counts]
      .filter(([, count]) => count >= minFrequency)
      .sort(([a, x], [b, y]) => {
        const [p, q] = [rank(a), rank(b)];
        return y - x || (p[0] as number) - (q[0] as number) || (p[1] as number) - (q[1] as number);
      })[0]?.[0];
    if (best === undefined) break;
    const [left, right] = best.split(' ') as [string, string];
    const token = left + right;
    if (!merges.includes(best)) merges.push(best);
    tokens.add(token);
    if (!order.has(token)) order.set(token, 1000 + order.size);
    symbols = symbols.map((word) => {
      const merged: string[] = [];
      for (let i = 0; i < word.length; i += 1) {
        if (word[i] === left && word[i + 1] === right) {
          merged.push(token);
          i += 1;
        } else merged.push(word[i] as string);
      }
      return merged;
    });
  }
  return merges;
}

describe('trainBpe', () => {
  it('learns exactly what the Hugging Face trainer learns from all of Moby Dick', () => {
    const text = mobyDick();
    expect(sha256(text)).toBe(fixture.textSha256);
    const json = trainBpe(text, { vocabularySize: fixture.vocabularySize });
    const merges = mergesOf(text, { vocabularySize: fixture.vocabularySize });
    expect(merges.slice(0, 12)).toEqual(fixture.firstMerges.map((merge) => merge.join(' ')));
    expect(merges.slice(-6)).toEqual(fixture.lastMerges.map((merge) => merge.join(' ')));
    expect(merges).toHaveLength(fixture.mergeCount);
    expect(sha256(merges.join('\n'))).toBe(fixture.mergesSha256);

    const tokenizer = loadTokenizerJson(json);
    expect(tokenizer.vocabularySize).toBe(fixture.vocabularySize);
    const ids = tokenizer.encode(text);
    expect(ids).toHaveLength(fixture.idCount);
    expect(sha256(new Uint8Array(ids.buffer))).toBe(fixture.idsSha256);
    for (const sample of fixture.samples) {
      expect([...tokenizer.encode(sample.text)], sample.text).toEqual(sample.ids);
    }
  });

  // The words and the result of the trainer's own test in Hugging Face tokenizers, `bpe/trainer.rs`, `test_train`.
  it('breaks ties by the ids of the pair', () => {
    const words = 'roses are are red voilets blue BERT is is big and so GPT-2'.split(' ').join('\n');
    expect(mergesOf(words, { vocabularySize: 1000, minFrequency: 2 })).toEqual(['r e', 'a re', 'i s']);
  });

  it('agrees with recounting everything before every merge', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 30 }),
        (words, minFrequency, limit) => {
          expect(
            mergesOf(words.join('\n'), { vocabularySize: 257 + limit, minFrequency }).filter(
              (merge) => !merge.includes('Ċ'),
            ),
          ).toEqual(slowMerges(words, limit, minFrequency));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('stops early and reports the real size when the text has too few pairs', () => {
    // Two occurrences of "ab", nothing else twice: one merge on top of 257 tokens.
    const json = trainBpe('ab\nab\ncd', { vocabularySize: 5000 });
    expect(loadTokenizerJson(json).vocabularySize).toBe(258);
    expect(loadTokenizerJson(trainBpe('', { vocabularySize: 300 })).vocabularySize).toBe(257);
  });

  it('keeps a token spelled like a prototype', () => {
    const text = 'a __proto__ b constructor '.repeat(50);
    const { model } = trainBpe(text, { vocabularySize: 400 });
    const tokenizer = loadTokenizerJson(JSON.parse(JSON.stringify(trainBpe(text, { vocabularySize: 400 }))));
    expect(Object.hasOwn(model.vocab as object, '__')).toBe(true);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(Object.getPrototypeOf(model.vocab)).toBe(Object.prototype);
  });

  it('refuses a vocabulary smaller than bytes and special token', () => {
    expect(() => trainBpe('text', { vocabularySize: 256 })).toThrow(/>=257/);
  });
});
