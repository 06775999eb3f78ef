/**
 * Bounds for the normalizer, pre-tokenizer, post-processor and decoder of a file, before any is built: how many
 * parts there are, how deep, how long their texts and patterns, and how much longer they can make a text.
 */
import { isObject } from './models/vocabulary.js';
import { fieldOf, invalid, unsupported } from './refuse.js';

const MOST_PARTS = 64;
const MOST_LEVELS = 5;
const LONGEST_TEXT = 1000;
/** The longest of the published patterns has fewer than 600 characters. */
const LONGEST_PATTERN = 2000;
/** A text may become so many times longer; published files stay below 5. */
const MOST_GROWTH = 100;
const MOST_COUNT = 1_000_000;

const CHILDREN = ['normalizers', 'pretokenizers', 'processors', 'decoders'];
const TEXTS = ['content', 'prepend', 'replacement', 'prefix', 'suffix', 'pad_token', 'word_delimiter_token'];
const COUNTS = ['length', 'start', 'stop'];

type Fields = Readonly<Record<string, unknown>>;

interface Tally {
  parts: number;
  growth: number;
}

/** @throws InputError that names the field */
export function checkBounds(file: Fields): void {
  const tally: Tally = { parts: 0, growth: 1 };
  for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder']) {
    // A decoder works on its own: it does not lengthen what the others have lengthened.
    if (part === 'decoder') tally.growth = 1;
    visit(file[part], part, 1, tally);
  }
}

function visit(part: unknown, field: string, level: number, tally: Tally): void {
  if (!isObject(part)) return;
  tally.parts += 1;
  if (tally.parts > MOST_PARTS) unsupported(field, `is one of more than ${MOST_PARTS} parts`);
  if (level > MOST_LEVELS) unsupported(field, `is nested deeper than ${MOST_LEVELS} levels`);
  checkFields(part, field);
  tally.growth *= growthOf(part);
  if (tally.growth > MOST_GROWTH) unsupported(field, `can make a text more than ${MOST_GROWTH} times longer`);
  for (const name of CHILDREN) {
    const children = part[name];
    if (!Array.isArray(children)) continue;
    const list = fieldOf(field, name);
    children.forEach((child, index) => visit(child, fieldOf(list, index), level + 1, tally));
  }
}

function checkFields(part: Fields, field: string): void {
  for (const name of TEXTS) tooLong(part[name], fieldOf(field, name), LONGEST_TEXT);
  for (const name of COUNTS) {
    const count = part[name];
    if (typeof count === 'number' && count > MOST_COUNT)
      invalid(fieldOf(field, name), `is more than ${MOST_COUNT}`);
  }
  const { pattern } = part;
  if (!isObject(pattern)) return;
  for (const name of ['String', 'Regex']) {
    tooLong(pattern[name], fieldOf(fieldOf(field, 'pattern'), name), LONGEST_PATTERN);
  }
}

function tooLong(text: unknown, field: string, longest: number): void {
  if (typeof text === 'string' && text.length > longest) {
    unsupported(field, `has ${text.length} characters, more than ${longest}`);
  }
}

/** How many times longer a part can make a text; compatibility forms of its own text are counted in. */
function growthOf({ type, pattern, ...part }: Fields): number {
  const text = part['content'] ?? part['replacement'] ?? part['prepend'];
  if (!['Replace', 'Metaspace', 'Prepend'].includes(type as string) || typeof text !== 'string') return 1;
  const length = text.normalize('NFKC').length;
  if (!isObject(pattern)) return Math.max(1, length);
  const literal = pattern['Regex'] === undefined ? pattern['String'] : undefined;
  // A regular expression may match a single character, or nothing between any two.
  return typeof literal === 'string' ? Math.max(1, length / Math.max(1, literal.length)) : length + 1;
}
