/**
 * Training of a byte-level BPE with incremental pair counts: after a merge only the words that hold the pair
 * are touched, and a heap yields the next pair, its stale entries skipped.
 *
 * The order is that of Hugging Face's `BpeTrainer`: the most frequent pair first; of equally frequent ones
 * the pair with the smaller left id, then the smaller right id. A merge that spells a token which exists
 * already reuses its id. Ids: the special token 0, the 256 bytes by their stand-ins, then the merges.
 */
import { z } from 'zod';
import { BYTE_SYMBOLS, BYTES_BY_SYMBOL } from '../byte-symbols.js';
import type { TokenizerJson } from '../tokenizer-json/schema.js';
import { tokenizerJson } from '../tokenizer-json/write.js';
import { toUtf8 } from '../utf8.js';
import { Heap } from './heap.js';
import { forEachPiece } from './pre-tokenize.js';

export const BPE_SPECIAL_TOKEN = '<|endoftext|>';

export const bpeOptionsSchema = z.strictObject({
  vocabularySize: z
    .int()
    .min(257)
    .max(262_144)
    .default(1024)
    .describe('Most tokens in the vocabulary, the special token and the 256 bytes included'),
  minFrequency: z
    .int()
    .min(1)
    .default(2)
    .describe('A pair rarer than this in the training text is not merged; the vocabulary may stay smaller'),
});

export type BpeOptions = z.input<typeof bpeOptionsSchema>;

interface Pair {
  count: number;
  /** Words that hold it, or held it once. */
  readonly words: number[];
}

interface Candidate {
  readonly key: number;
  readonly count: number;
}

/** Distinct pieces of the training text as token ids, and how often each occurs. */
interface Words {
  readonly symbols: number[][];
  readonly counts: number[];
}

/**
 * Learns a vocabulary from `text`.
 *
 * @returns a Hugging Face `tokenizer.json`, with fewer tokens than asked when the text has too few pairs
 */
export function trainBpe(text: string, options: BpeOptions = {}): TokenizerJson {
  const { vocabularySize, minFrequency } = bpeOptionsSchema.parse(options);
  const tokens = [BPE_SPECIAL_TOKEN, ...BYTES_BY_SYMBOL.map((byte) => BYTE_SYMBOLS[byte] as string)];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: [string, string][] = [];
  const merged = new Set<number>();

  const words = countWords(text, ids);
  const pairs = new PairCounts(words, vocabularySize);
  for (
    let key = pairs.best(minFrequency);
    key !== undefined && tokens.length < vocabularySize;
    key = pairs.best(minFrequency)
  ) {
    const left = Math.floor(key / vocabularySize);
    const right = key % vocabularySize;
    const parts: [string, string] = [tokens[left] as string, tokens[right] as string];
    const token = parts[0] + parts[1];
    let id = ids.get(token);
    if (id === undefined) {
      id = tokens.length;
      tokens.push(token);
      ids.set(token, id);
    }
    // A pair comes back when one of its parts is spelled a second way; its merge is known already.
    if (!merged.has(key)) merges.push(parts);
    merged.add(key);
    pairs.merge(key, left, right, id);
  }
  return tokenizerJson(tokens, merges, BPE_SPECIAL_TOKEN);
}

function countWords(text: string, ids: ReadonlyMap<string, number>): Words {
  const counts = new Map<string, number>();
  forEachPiece(text, (piece) => counts.set(piece, (counts.get(piece) ?? 0) + 1));
  const byteIds = BYTE_SYMBOLS.map((symbol) => ids.get(symbol) as number);
  return {
    symbols: [...counts.keys()].map((word) => Array.from(toUtf8(word), (byte) => byteIds[byte] as number)),
    counts: [...counts.values()],
  };
}

/** Counts of adjacent pairs over all words, kept up to date while pairs are merged. Key: left * base + right. */
class PairCounts {
  private readonly pairs = new Map<number, Pair>();
  private readonly queue = new Heap<Candidate>(
    (a, b) => a.count > b.count || (a.count === b.count && a.key < b.key),
  );

  constructor(
    private readonly words: Words,
    private readonly base: number,
  ) {
    words.symbols.forEach((symbols, word) => {
      for (let i = 0; i + 1 < symbols.length; i += 1) {
        this.change(symbols[i] as number, symbols[i + 1] as number, words.counts[word] as number, word);
      }
    });
    for (const [key, { count }] of this.pairs) this.queue.push({ key, count });
  }

  /** The pair to merge next. */
  best(minFrequency: number): number | undefined {
    for (let top = this.queue.pop(); top !== undefined; top = this.queue.pop()) {
      const count = this.pairs.get(top.key)?.count ?? 0;
      if (count === top.count) return count >= minFrequency ? top.key : undefined;
      // It lost occurrences to a merge since it was queued. Gains are queued when they happen.
      if (count > 0 && count < top.count) this.queue.push({ key: top.key, count });
    }
    return undefined;
  }

  merge(key: number, left: number, right: number, id: number): void {
    const holders = this.pairs.get(key)?.words ?? [];
    const grown = new Set<number>();
    for (const word of new Set(holders)) this.mergeInWord(word, left, right, id, grown);
    this.pairs.delete(key);
    for (const pair of grown) {
      const count = this.pairs.get(pair)?.count ?? 0;
      if (count > 0) this.queue.push({ key: pair, count });
    }
  }

  private mergeInWord(word: number, left: number, right: number, id: number, grown: Set<number>): void {
    const symbols = this.words.symbols[word] as number[];
    const count = this.words.counts[word] as number;
    const result: number[] = [];
    for (let i = 0; i < symbols.length; i += 1) {
      const symbol = symbols[i] as number;
      if (symbol !== left || symbols[i + 1] !== right) {
        result.push(symbol);
        continue;
      }
      const before = result.at(-1);
      if (before !== undefined) {
        this.change(before, left, -count, word);
        grown.add(this.change(before, id, count, word));
      }
      const after = symbols[i + 2];
      if (after !== undefined) {
        this.change(right, after, -count, word);
        grown.add(this.change(id, after, count, word));
      }
      result.push(id);
      i += 1;
    }
    this.words.symbols[word] = result;
  }

  private change(left: number, right: number, by: number, word: number): number {
    const key = left * this.base + right;
    const pair = this.pairs.get(key);
    if (!pair) {
      this.pairs.set(key, { count: by, words: [word] });
    } else {
      pair.count += by;
      if (by > 0 && pair.words.at(-1) !== word) pair.words.push(word);
    }
    return key;
  }
}
