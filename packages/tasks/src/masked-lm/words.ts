import type { Tokenizer } from '@ligature/core';

const ENDS_IN_WORD = /[\p{L}\p{M}\p{N}\uFFFD]$/u;
const BEGINS_IN_WORD = /^[\p{L}\p{M}\p{N}\uFFFD]/u;

/**
 * Whether two neighbouring tokens are parts of one word: nothing but letters, marks and digits meets between them once they
 * are decoded together, which is when a tokenizer says where its spaces are. Bytes of a letter that a token has only in
 * part count as letters.
 */
export function sameWordBy(tokenizer: Pick<Tokenizer, 'decode' | 'vocabularySize'>) {
  const known = new Map<number, boolean>();
  const judge = (before: number, token: number): boolean => {
    const first = tokenizer.decode([before]);
    if (!ENDS_IN_WORD.test(first)) return false;
    const both = tokenizer.decode([before, token]);
    const second = both.startsWith(first) ? both.slice(first.length) : tokenizer.decode([token]);
    return BEGINS_IN_WORD.test(second);
  };
  return (before: number, token: number): boolean => {
    const key = before * tokenizer.vocabularySize + token;
    const found = known.get(key) ?? judge(before, token);
    known.set(key, found);
    return found;
  };
}
