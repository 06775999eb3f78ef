/**
 * How an answer is judged, as the official scripts of SQuAD do it (evaluate-v1.1.py; evaluate-v2.0.py, whose two functions are
 * also `compute_exact` and `compute_f1` of Hugging Face's `squad_metrics.py`).
 */

/** Which script: of 2.0, which has questions without an answer, or of 1.1. */
export type Rules = '1.1' | '2.0';

/** `string.punctuation` of Python. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** `\b(a|an|the)\b` of Python, whose words are letters, numbers and `_` of all scripts; combining marks are none. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** What `str.split()` of Python splits at; `\s` of JavaScript has U+FEFF, and has not U+001C to U+001F and U+0085. */
const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(PUNCTUATION, '')
    .replace(ARTICLES, ' ')
    .split(BLANKS)
    .filter((word) => word !== '');

/** In lower case, without punctuation, articles and superfluous blanks. */
export const normalized = (text: string): string => wordsOf(text).join(' ');

export const exactMatch = (predicted: string, gold: string): number =>
  Number(normalized(predicted) === normalized(gold));

/** Harmonic mean of precision and recall over words, each as often as it occurs in both. */
export function wordF1(predicted: string, gold: string, rules: Rules): number {
  const [said, wanted] = [wordsOf(predicted), wordsOf(gold)];
  // Version 1.1 knows no empty answer, and gives none a point.
  if (said.length === 0 || wanted.length === 0) {
    return rules === '2.0' ? Number(said.length === wanted.length) : 0;
  }
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let same = 0;
  for (const word of said) {
    const count = left.get(word) ?? 0;
    if (count > 0) same += 1;
    left.set(word, count - 1);
  }
  if (same === 0) return 0;
  const [precision, recall] = [same / said.length, same / wanted.length];
  return (2 * precision * recall) / (precision + recall);
}

/**
 * The best over all right answers. Of version 2.0 one of which nothing is left does not count, and where none is left, nothing
 * is the right answer.
 */
export function bestOver(golds: readonly string[], rules: Rules, judge: (gold: string) => number): number {
  const filled = rules === '2.0' ? golds.filter((gold) => normalized(gold) !== '') : golds;
  return (filled.length > 0 ? filled : ['']).reduce((best, gold) => Math.max(best, judge(gold)), 0);
}
