import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWordTokenizer, restoreWordTokenizer } from '@ligature/tokenizers';
import { findCorpus, inputErrorCode } from './helpers.js';

const wikitext = findCorpus('wikitext-2');

describe('word', () => {
  it('numbers words by frequency, then by first occurrence', () => {
    const tokenizer = createWordTokenizer(' b c a c \n\n a b d c\n');
    // Counts: c 3, b 2 (first), a 2, d 1.
    expect(tokenizer.toJSON()).toEqual({ words: ['<unk>', '<eos>', 'c', 'b', 'a', 'd'] });
    expect([...tokenizer.encode(' a z \n\nc')]).toEqual([4, 0, 1, 1, 2, 1]);
    expect(tokenizer.decode([4, 0, 1, 1, 2, 1])).toBe('a <unk>\n\nc\n');
    expect(tokenizer.eosId).toBe(1);
    expect(tokenizer.bosId).toBe(undefined);
  });

  it('drops the rarest words beyond the size, and words below the frequency', () => {
    const text = 'a a a b b c c d';
    expect(createWordTokenizer(text, { maxSize: 4 }).toJSON()).toEqual({
      words: ['<unk>', '<eos>', 'a', 'b'],
    });
    expect(createWordTokenizer(text, { minFrequency: 2 }).toJSON()).toEqual({
      words: ['<unk>', '<eos>', 'a', 'b', 'c'],
    });
  });

  it('takes every kind of white space as one separator and CRLF as a line end', () => {
    const tokenizer = createWordTokenizer('a b');
    expect([...tokenizer.encode('a\t\u00a0b\r\na')]).toEqual([2, 3, 1, 2, 1]);
    expect([...tokenizer.encode('')]).toEqual([]);
  });

  it('keeps words that look like prototypes, also through JSON', () => {
    const tokenizer = createWordTokenizer('__proto__ constructor __proto__');
    const again = restoreWordTokenizer(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    expect(again.vocabularySize).toBe(4);
    expect(again.decode(again.encode('constructor __proto__ toString'))).toBe(
      'constructor __proto__ <unk>\n',
    );
  });

  it('refuses a saved vocabulary that is none', () => {
    for (const saved of [null, {}, { words: ['a'] }, { words: ['<unk>', '<eos>', 'a', 'a'] }]) {
      expect(inputErrorCode(() => restoreWordTokenizer(saved))).toBe('tokenizer-saved-invalid');
    }
  });

  // Published with the corpus (Merity et al. 2016, table 1): tokens per split and the size of the vocabulary.
  it.skipIf(!wikitext)('counts the published tokens and words of WikiText-2', () => {
    const read = (split: string): string => readFileSync(join(wikitext as string, `${split}.txt`), 'utf8');
    const tokenizer = createWordTokenizer(read('train'));
    expect(tokenizer.vocabularySize).toBe(33_278);
    const ids = { train: tokenizer.encode(read('train')), valid: tokenizer.encode(read('valid')) };
    const test = tokenizer.encode(read('test'));
    expect([ids.train.length, ids.valid.length, test.length]).toEqual([2_088_628, 217_646, 245_569]);
    // The unknown words that the corpus itself marks; nothing else is unknown, for all splits share the vocabulary.
    expect(test.reduce((sum, id) => sum + (id === 0 ? 1 : 0), 0)).toBe(15_218);
  });
});
