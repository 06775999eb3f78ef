/**
 * Words in the way of WikiText (Merity et al. 2016) and PyTorch's word_language_model example: a line is split
 * at white space (Unicode's, not JavaScript's, which has U+FEFF as well) and closed by `<eos>`; words outside
 * the vocabulary become `<unk>`. Splitting loses the exact white space, so decoding joins words by one space
 * and lines by line ends.
 */
import type { Json, Tokenizer } from '@ligature/core';
import { InputError } from '@ligature/core';
import { z } from 'zod';
import { IdBuffer } from './id-buffer.js';
import { unknownId } from './utf8.js';

const UNKNOWN = '<unk>';
const END_OF_LINE = '<eos>';

export const wordOptionsSchema = z.strictObject({
  maxSize: z
    .int()
    .min(3)
    .max(4_000_000)
    .optional()
    .describe('Most words in the vocabulary, `<unk>` and `<eos>` included; the rarest are left out'),
  minFrequency: z
    .int()
    .min(1)
    .default(1)
    .describe('A word rarer than this in the training text is left out of the vocabulary'),
});

const savedSchema = z
  .strictObject({ words: z.array(z.string()) })
  .refine(({ words }) => words[0] === UNKNOWN && words[1] === END_OF_LINE, 'must begin with <unk> and <eos>')
  .refine(({ words }) => new Set(words).size === words.length, 'must not name a word twice');

/** Calls `visit` with the words of every line and once with `<eos>` at its end. A last line needs no line end. */
function forEachWord(text: string, visit: (word: string) => void): void {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    for (const word of text.slice(start, end).split(/\p{White_Space}+/u)) if (word !== '') visit(word);
    visit(END_OF_LINE);
    start = end + 1;
  }
}

/**
 * Learns a vocabulary: `<unk>` is 0, `<eos>` 1, then words by falling frequency, equally frequent ones in the
 * order of their first occurrence.
 */
export function createWordTokenizer(
  text: string,
  options: z.input<typeof wordOptionsSchema> = {},
): Tokenizer {
  const { maxSize = Infinity, minFrequency } = wordOptionsSchema.parse(options);
  const counts = new Map<string, number>();
  forEachWord(text, (word) => counts.set(word, (counts.get(word) ?? 0) + 1));
  counts.delete(UNKNOWN);
  counts.delete(END_OF_LINE);
  const words = [...counts]
    .filter(([, count]) => count >= minFrequency)
    // The sort is stable and a Map keeps the order of insertion: the first occurrence breaks ties.
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxSize - 2)
    .map(([word]) => word);
  return fromWords([UNKNOWN, END_OF_LINE, ...words]);
}

/** The same tokenizer again from its `toJSON()`. @throws InputError (`tokenizer-saved-invalid`). */
export function restoreWordTokenizer(saved: Json): Tokenizer {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return fromWords(parsed.data.words);
  throw new InputError('tokenizer-saved-invalid', {
    asked: 'Restore a word tokenizer',
    found: z.prettifyError(parsed.error),
    todo: 'Use what toJSON() of a word tokenizer gave',
  });
}

function fromWords(words: readonly string[]): Tokenizer {
  const ids = new Map(words.map((word, id) => [word, id]));
  return {
    name: 'word',
    vocabularySize: words.length,
    eosId: 1,
    encode(text) {
      const buffer = new IdBuffer(text.length >> 2);
      forEachWord(text, (word) => buffer.push(ids.get(word) ?? 0));
      return buffer.toArray();
    },
    decode(list) {
      let text = '';
      let lineStart = true;
      for (let i = 0; i < list.length; i += 1) {
        const id = list[i] as number;
        const word = words[id] ?? unknownId('word', id);
        text += id === 1 ? '\n' : `${lineStart ? '' : ' '}${word}`;
        lineStart = id === 1;
      }
      return text;
    },
    toJSON: () => ({ words }),
  };
}
