/**
 * Bounds for the normalizer, pre-tokenizer, post-processor and decoder of a file, before a library builds them: how
 * many there are, how long their texts and patterns, and how much longer they can make a text.
 */
import { isObject } from './schema.js';

const MOST_COMPONENTS = 64;
const MOST_LEVELS = 5;
const LONGEST_TEXT = 1000;
/** The longest of the published patterns has fewer than 600 characters. */
const LONGEST_PATTERN = 2000;
/** A text may become so many times longer; published files stay below 5. */
const MOST_GROWTH = 100;
const LONGEST_WORD = 1000;

const CHILDREN = ['normalizers', 'pretokenizers', 'processors', 'decoders'];
const TEXTS = [
  'content',
  'prepend',
  'replacement',
  'str_rep',
  'prefix',
  'suffix',
  'pad_token',
  'word_delimiter_token',
];
const COUNTS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  length: [1, 1_000_000],
  start: [0, LONGEST_TEXT],
  stop: [0, LONGEST_TEXT],
  max_input_chars_per_word: [1, LONGEST_WORD],
};

interface Tally {
  components: number;
  growth: number;
}

/** @param file the parsed file @returns what is wrong with it, or nothing */
export function wrongComponent(file: Readonly<Record<string, unknown>>): string | undefined {
  const tally: Tally = { components: 0, growth: 1 };
  for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder']) {
    // A decoder works on its own: it does not lengthen what the others have lengthened.
    if (part === 'decoder') tally.growth = 1;
    const wrong = visit(file[part], part, 1, tally);
    if (wrong !== undefined) return wrong;
  }
  const model = file['model'];
  return isObject(model) ? wrongField(model, 'model') : undefined;
}

function visit(component: unknown, where: string, level: number, tally: Tally): string | undefined {
  if (component === null || component === undefined) return undefined;
  if (!isObject(component)) return `${where} is no object`;
  if (typeof component['type'] !== 'string') return `${where} has no type`;
  tally.components += 1;
  if (tally.components > MOST_COMPONENTS) return `it has more than ${MOST_COMPONENTS} components`;
  if (level > MOST_LEVELS) return `${where} is nested deeper than ${MOST_LEVELS} levels`;
  const wrong = wrongField(component, where) ?? wrongPattern(component, where);
  if (wrong !== undefined) return wrong;
  tally.growth *= growthOf(component);
  if (tally.growth > MOST_GROWTH) return `${where} can make a text more than ${MOST_GROWTH} times longer`;
  for (const name of CHILDREN.filter((one) => component[one] !== undefined)) {
    const children = component[name];
    if (!Array.isArray(children)) return `${where}.${name} is no list`;
    for (const [index, child] of children.entries()) {
      const wrongChild = visit(child ?? {}, `${where}.${name}.${index}`, level + 1, tally);
      if (wrongChild !== undefined) return wrongChild;
    }
  }
  return undefined;
}

function wrongField(component: Readonly<Record<string, unknown>>, where: string): string | undefined {
  for (const name of TEXTS) {
    const text = component[name];
    if (text === undefined || text === null) continue;
    if (typeof text !== 'string') return `${where}.${name} is no text`;
    if (text.length > LONGEST_TEXT) return `${where}.${name} has ${text.length} characters`;
  }
  for (const [name, [least, most]] of Object.entries(COUNTS)) {
    const value = component[name];
    const needed = name === 'length' && component['type'] === 'FixedLength';
    if ((value === undefined || value === null) && !needed) continue;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      return `${where}.${name} is no whole number from ${least} to ${most}`;
    }
  }
  return undefined;
}

function wrongPattern(component: Readonly<Record<string, unknown>>, where: string): string | undefined {
  const { type, pattern } = component;
  if (pattern === undefined && type !== 'Split' && type !== 'Replace') return undefined;
  // Punctuation's and Digits' own fields are no patterns.
  const source = isObject(pattern) ? (pattern['Regex'] ?? pattern['String']) : undefined;
  if (typeof source !== 'string' || source === '') return `${where}.pattern is neither Regex nor String`;
  if (source.length > LONGEST_PATTERN) return `${where}.pattern has ${source.length} characters`;
  return undefined;
}

/** How many times longer a component can make a text; compatibility forms of its own text are counted in. */
function growthOf(component: Readonly<Record<string, unknown>>): number {
  const { type, pattern } = component;
  const text =
    component['str_rep'] ?? component['content'] ?? component['replacement'] ?? component['prepend'];
  if (!['Replace', 'Metaspace', 'Prepend'].includes(type as string) || typeof text !== 'string') return 1;
  const length = text.normalize('NFKC').length;
  const literal = isObject(pattern) && pattern['Regex'] === undefined ? pattern['String'] : undefined;
  // A regular expression may match nothing at all, between any two characters.
  if (isObject(pattern) && literal === undefined) return length + 1;
  return Math.max(1, length / (typeof literal === 'string' ? literal.length : 1));
}
