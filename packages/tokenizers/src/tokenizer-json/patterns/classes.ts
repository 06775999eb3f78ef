/**
 * Oniguruma's character classes as classes of JavaScript's flag `v`. Each was compared with `tokenizers` 0.22.2
 * over every code point: white space is Unicode's (U+0085 is, U+FEFF is not), word characters are wider than ASCII.
 */
import type {
  CharacterClassElementNode,
  CharacterClassNode,
  CharacterSetNode,
} from 'oniguruma-parser/parser';
import { NEW_IN_17 } from '../unicode/tables.js';

/** What cannot be translated; the message says why. */
export class Untranslatable extends Error {}

const known = (source: string): string => `[[${source}]--[${NEW_IN_17}]]`;

export const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
/** Not `[^]`: V8 repeats that once only under the flag `v`. */
export const ANY = '[\\0-\\u{10ffff}]';
const WORD_IN_CLASS = known('\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}');
/** Outside of brackets, Oniguruma has these superscripts and fractions of Latin-1 among its word characters. */
export const WORD = `[${WORD_IN_CLASS}\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be]`;
const DIGIT = known('\\p{Nd}');
const HEX = '[0-9A-Fa-f]';
const UNASSIGNED = `[\\p{Cn}${NEW_IN_17}]`;

const LOWER = `[${known('\\p{Lowercase}')}\\u0295]`;
const VISIBLE = `[^${SPACE}\\p{Cc}\\p{Cs}${UNASSIGNED}]`;

const POSIX: Readonly<Record<string, string>> = {
  alnum: known('\\p{Alphabetic}\\p{Nd}'),
  alpha: known('\\p{Alphabetic}'),
  ascii: '[\\0-\\x7f]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: DIGIT,
  graph: VISIBLE,
  lower: LOWER,
  print: `[${VISIBLE}\\p{Zs}]`,
  punct: known('\\p{P}\\p{S}'),
  space: SPACE,
  upper: known('\\p{Uppercase}'),
  word: WORD_IN_CLASS,
  xdigit: HEX,
};

/** Long names of the general categories, as Oniguruma and JavaScript both know them. */
const CATEGORIES: Readonly<Record<string, string>> = {
  letter: 'L',
  uppercaseletter: 'Lu',
  lowercaseletter: 'Ll',
  titlecaseletter: 'Lt',
  modifierletter: 'Lm',
  otherletter: 'Lo',
  mark: 'M',
  nonspacingmark: 'Mn',
  spacingmark: 'Mc',
  enclosingmark: 'Me',
  number: 'N',
  decimalnumber: 'Nd',
  letternumber: 'Nl',
  othernumber: 'No',
  punctuation: 'P',
  connectorpunctuation: 'Pc',
  dashpunctuation: 'Pd',
  openpunctuation: 'Ps',
  closepunctuation: 'Pe',
  initialpunctuation: 'Pi',
  finalpunctuation: 'Pf',
  otherpunctuation: 'Po',
  symbol: 'S',
  mathsymbol: 'Sm',
  currencysymbol: 'Sc',
  modifiersymbol: 'Sk',
  othersymbol: 'So',
  separator: 'Z',
  spaceseparator: 'Zs',
  lineseparator: 'Zl',
  paragraphseparator: 'Zp',
  control: 'Cc',
  format: 'Cf',
  privateuse: 'Co',
};
const SHORT = new Map(Object.values(CATEGORIES).map((short) => [short.toLowerCase(), short]));
const BINARY = new Map(
  ['Alphabetic', 'Lowercase', 'Uppercase', 'White_Space', 'Emoji', 'Ideographic', 'Hex_Digit', 'Math'].map(
    (name) => [slug(name), name],
  ),
);

function slug(name: string): string {
  return name.replaceAll(/[\s_-]/g, '').toLowerCase();
}

const isClass = (source: string): boolean => {
  try {
    return new RegExp(source, 'v') !== undefined;
  } catch {
    return false;
  }
};

function property(name: string): string {
  const key = slug(name);
  if (key === 'any') return ANY;
  if (key === 'cn' || key === 'unassigned') return UNASSIGNED;
  if (key === 'c' || key === 'other') return `[\\p{C}${NEW_IN_17}]`;
  if (key === 'punct') return known('\\p{P}');
  if (key === 'word') return WORD;
  const category = CATEGORIES[key] ?? SHORT.get(key);
  // Unicode 17 moved this letter from one category to the other.
  if (category === 'Ll') return `[${known('\\p{Ll}')}\\u0295]`;
  if (category === 'Lo') return `[${known('\\p{Lo}')}--[\\u0295]]`;
  if (category !== undefined) return known(`\\p{${category}}`);
  if (key === 'lowercase') return LOWER;
  const binary = BINARY.get(key);
  if (binary !== undefined) return known(`\\p{${binary}}`);
  const posix = POSIX[key];
  if (posix !== undefined) return posix;
  const script = name.replaceAll(/[\s-]/g, '_').replaceAll(/(^|_)([a-z])/g, (all) => all.toUpperCase());
  if (isClass(`\\p{Script=${script}}`)) return known(`\\p{Script=${script}}`);
  throw new Untranslatable(`the property ${JSON.stringify(name)} is not known here`);
}

export function characterSource(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff) throw new Untranslatable('it holds half of a surrogate pair');
  return `\\u{${code.toString(16)}}`;
}

/** @param inClass between brackets, where two of Oniguruma's sets are narrower */
export function setSource(node: CharacterSetNode, inClass: boolean): string {
  const source = positiveSource(node, inClass);
  return node.negate === true ? `[^${source}]` : source;
}

function positiveSource(node: CharacterSetNode, inClass: boolean): string {
  switch (node.kind) {
    case 'any':
      return ANY;
    case 'digit':
      return DIGIT;
    case 'hex':
      return HEX;
    case 'space':
      return SPACE;
    case 'word':
      return inClass ? WORD_IN_CLASS : WORD;
    case 'posix':
      // `\\p{punct}` is read as `[:punct:]`, too, but means less; within brackets only `read.ts` can tell.
      return inClass ? (POSIX[slug(node.value)] ?? property(node.value)) : property(node.value);
    case 'property':
      return property(node.value);
    default:
      throw new Untranslatable(`it uses the set ${node.kind}`);
  }
}

export function classSource(node: CharacterClassNode): string {
  const open = node.negate ? '[^' : '[';
  if (node.kind === 'intersection') return `${open}${node.body.map(operandSource).join('&&')}]`;
  if (node.body.length === 0) throw new Untranslatable('it has an empty class');
  return `${open}${node.body.map(elementSource).join('')}]`;
}

const operandSource = (node: CharacterClassElementNode): string => `[${elementSource(node)}]`;

function elementSource(node: CharacterClassElementNode): string {
  switch (node.type) {
    case 'Character':
      return characterSource(node.value);
    case 'CharacterClassRange':
      return `${characterSource(node.min.value)}-${characterSource(node.max.value)}`;
    case 'CharacterClass':
      return classSource(node);
    default:
      return setSource(node, true);
  }
}
