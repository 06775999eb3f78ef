/** The characters that the native library's pre-tokenizers and normalizers ask for, as patterns. */
import { SPACE } from '../patterns/classes.js';
import {
  ALSO_COMBINING,
  ALSO_NONSPACING,
  ALSO_PUNCTUATION,
  NEW_IN_17,
  NOT_COMBINING,
  NOT_NONSPACING,
  NOT_OTHER,
  NOT_PUNCTUATION,
} from './tables.js';

const all = (source: string): RegExp => new RegExp(source, 'gv');

/** Word characters of Rust's regular expressions. */
const WORD = `[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]--[${NEW_IN_17}]]`;

export const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'v');
export const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'v');
/** Runs of word characters and runs of other visible ones. */
export const WORD_OR_OTHER = all(`${WORD}+|[^${WORD}${SPACE}]+`);
export const WHITESPACE = all(SPACE);
export const STARTS_WITH_SPACE = new RegExp(`^${SPACE}+`, 'v');
export const isSpace = (unit: string): boolean => new RegExp(`^${SPACE}$`, 'v').test(unit);
/** Numbers of every kind, as Rust's `is_numeric`. */
export const DIGIT = all('\\p{N}');
export const PUNCTUATION = all(`[[\\p{P}$+<=>\\^\`\\|~${ALSO_PUNCTUATION}]--[${NOT_PUNCTUATION}]]`);
/** What BERT's cleaning removes: control, format and private characters. */
export const OTHER = all(`[[\\0\\ufffd\\p{Cc}\\p{Cf}\\p{Co}]--[\\t\\n\\r${NOT_OTHER}]]`);
export const NONSPACING_MARK = all(`[[\\p{Mn}${ALSO_NONSPACING}]--[${NOT_NONSPACING}]]`);
export const COMBINING_MARK = all(`[[\\p{M}${ALSO_COMBINING}]--[${NOT_COMBINING}]]`);
