/** Random normalizers and pre-tokenizers: every type with every option that Hugging Face's library knows. */
import type { Dice } from './dice.js';

export type Part = Record<string, unknown> | null;

const flip = (dice: Dice): boolean => dice.chance(0.5);

/** Fields are left out now and then: some have defaults, and the others make the native library refuse the file. */
function some(dice: Dice, part: Record<string, unknown>): Record<string, unknown> {
  if (dice.chance(0.93)) return part;
  const gone = dice.pick(Object.keys(part));
  return Object.fromEntries(Object.entries(part).filter(([name]) => name !== gone));
}

/** One part, or some in a row. */
function partOf(
  dice: Dice,
  field: string,
  single: () => Record<string, unknown>,
  depth = 0,
): Record<string, unknown> {
  if (depth < 2 && dice.chance(depth === 0 ? 0.4 : 0.06)) {
    return {
      type: 'Sequence',
      [field]: dice.list(dice.chance(0.05) ? 0 : 1, 3, () => partOf(dice, field, single, depth + 1)),
    };
  }
  return some(dice, single());
}

const LITERALS = [
  ' ',
  '  ',
  '▁',
  'e',
  'é',
  'a',
  'the',
  "'",
  '``',
  "''",
  '"',
  '\n',
  '-',
  '.',
  '中',
  '👍',
  '\u0301',
  '$',
  '[',
  '\\',
  'aa',
  '\u00a0',
];

/** Patterns as files have them (Oniguruma's syntax), those of published models among them. */
const PATTERNS = [
  ...[
    String.raw`\s+`,
    String.raw`\s`,
    ' {2,}',
    ' +',
    String.raw`\n`,
    String.raw`\r?\n`,
    String.raw`\s+$`,
    String.raw`^\s+`,
    String.raw`\S+`,
    '[\r\n]',
  ],
  ...[
    String.raw`\w+`,
    String.raw`\W`,
    String.raw`\d`,
    String.raw`\d{1,3}`,
    '[0-9]',
    '[0-9][0-9][0-9]',
    String.raw`[^\w\s]`,
    String.raw`[^\w\s]+`,
    String.raw`\w+|[^\w\s]+`,
  ],
  ...[
    String.raw`\p{L}+`,
    String.raw`\p{N}`,
    String.raw`\p{N}{1,3}`,
    String.raw`\p{P}`,
    String.raw`\p{M}`,
    String.raw`\p{Lu}\p{Ll}*`,
    String.raw`[\p{L}\p{M}]+`,
    String.raw`\p{Han}+`,
    String.raw`[^\p{L}]`,
  ],
  ...[
    'a|e',
    'a+',
    '.',
    '..',
    '(?i)the',
    '(?i:h)',
    'é',
    '[a-z]+',
    '[A-Z]',
    '中',
    "``|''",
    '(?=[A-Z])',
    String.raw`\b`,
    "'s|'t|'re|'ve|'m|'ll|'d",
  ],
  ...[
    '[一-龥぀-ゟ゠-ヿ]+',
    String.raw`[\x{4e00}-\x{9fff}]`,
    '[[:punct:]]',
    '[[:space:]]+',
    '[a-z&&[^aeiou]]+',
    'a++',
    '(?>a+)',
    String.raw`\h+`,
    String.raw`\A.`,
    String.raw`.\z`,
    String.raw`(?<=\s)a`,
    '(?m:.)',
  ],
  ...[
    '(?i)straße',
    '(?i)ss',
    '(?i)σ',
    '(?i)k',
    '(?i)ſ',
    '(?i)ﬁ',
    '(?i)[a-f]',
    'e{,2}',
    'a{2}',
    '(?<!a)b',
    '(?<x>a)b',
    'x*',
    'a*?',
    '(?=a)',
    '^',
    '$',
    '(?#c)a',
    '(?x) a b',
    '[^\\n]',
    '[]a]',
    '[a-c-]',
  ],
  ...[
    String.raw`\P{L}`,
    String.raw`\p{^L}`,
    String.raw`[^\P{L}]`,
    String.raw`\p{Lu}`,
    String.raw`\p{Alpha}`,
    String.raw`\p{Letter}`,
    String.raw`\p{Greek}`,
    String.raw`\p{Cyrillic}`,
    String.raw`\p{Hiragana}`,
    String.raw`\p{Common}`,
  ],
  ...[
    String.raw`\p{S}`,
    String.raw`\p{Zs}`,
    String.raw`\p{C}`,
    String.raw`\p{Emoji}`,
    String.raw`\p{White_Space}`,
    String.raw`\X`,
    String.raw`\R`,
    String.raw`\x41`,
    String.raw`\u0065`,
    String.raw`\t`,
    String.raw`[\t ]+`,
    String.raw`\D+`,
    String.raw`\B`,
    String.raw`\Z`,
    String.raw`a\Kb`,
  ],
  ...[
    '[[:alpha:]]+',
    '[[:upper:]]',
    '[[:^digit:]]',
    '[[:word:]]+',
    '[[:alnum:]]+',
    '[[:cntrl:]]',
    '[[:graph:]]+',
    '[[:blank:]]',
    '[[:lower:][:digit:]]',
    '[a-zé[0-9]]+',
    String.raw`[\w&&[^\d_]]+`,
  ],
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`,
  String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`,
];

const pattern = (dice: Dice): unknown =>
  flip(dice) ? { String: dice.pick(LITERALS) } : { Regex: dice.pick(PATTERNS) };

export const replace = (dice: Dice): Record<string, unknown> => ({
  ...{
    type: 'Replace',
    pattern: pattern(dice),
    content: dice.pick(['▁', ' ', '', 'x', 'é', '"', 'the', '$1', '\\', '👍', '\u0301']),
  },
});

/** @param charsmaps of `Precompiled`, in base 64 */
export function randomNormalizer(dice: Dice, charsmaps: readonly string[]): Part {
  if (dice.chance(0.25)) return null;
  const plain = (type: string) => () => ({ type });
  return partOf(dice, 'normalizers', () =>
    dice.weighted<Record<string, unknown>>([
      [
        4,
        () => ({
          ...{ type: 'BertNormalizer', clean_text: flip(dice), handle_chinese_chars: flip(dice) },
          ...{ strip_accents: dice.pick([null, true, false]), lowercase: flip(dice) },
        }),
      ],
      [2, () => ({ type: 'Strip', strip_left: flip(dice), strip_right: flip(dice) })],
      [2, plain('StripAccents')],
      [2, plain('NFC')],
      [2, plain('NFD')],
      [2, plain('NFKC')],
      [2, plain('NFKD')],
      [3, plain('Lowercase')],
      [2, plain('Nmt')],
      [5, () => replace(dice)],
      [3, () => ({ type: 'Prepend', prepend: dice.pick(['▁', ' ', 'x', '', 'é', '▁▁']) })],
      [1, plain('ByteLevel')],
      [
        charsmaps.length > 0 ? 3 : 0,
        () => ({ type: 'Precompiled', precompiled_charsmap: dice.pick(charsmaps) }),
      ],
    ]),
  );
}

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

export const byteLevel = (dice: Dice): Record<string, unknown> => ({
  ...{
    type: 'ByteLevel',
    add_prefix_space: flip(dice),
    trim_offsets: flip(dice),
    use_regex: dice.chance(0.7),
  },
});

/** The newer spelling (`prepend_scheme`), the older one (`add_prefix_space`) or both. */
export function metaspace(dice: Dice): Record<string, unknown> {
  const scheme = dice.pick(['always', 'first', 'never']);
  const replacement = dice.pick(['▁', '▁', '▁', '_', 'Ġ', '👍']);
  return dice.weighted<Record<string, unknown>>([
    [6, () => ({ type: 'Metaspace', replacement, prepend_scheme: scheme, split: flip(dice) })],
    [2, () => ({ type: 'Metaspace', replacement, add_prefix_space: flip(dice) })],
    [
      1,
      () => ({
        type: 'Metaspace',
        replacement,
        str_rep: replacement,
        add_prefix_space: flip(dice),
        split: flip(dice),
      }),
    ],
    [1, () => ({ type: 'Metaspace', replacement, add_prefix_space: flip(dice), prepend_scheme: scheme })],
    [1, () => ({ type: 'Metaspace', replacement })],
  ]);
}

export function randomPreTokenizer(dice: Dice): Part {
  if (dice.chance(0.15)) return null;
  const plain = (type: string) => () => ({ type });
  return partOf(dice, 'pretokenizers', () =>
    dice.weighted<Record<string, unknown>>([
      [2, plain('BertPreTokenizer')],
      [3, plain('Whitespace')],
      [3, plain('WhitespaceSplit')],
      [1, plain('UnicodeScripts')],
      [4, () => byteLevel(dice)],
      [
        2,
        () => ({
          type: dice.chance(0.9) ? 'CharDelimiterSplit' : 'Delimiter',
          delimiter: dice.pick([' ', '-', 'é', '▁', '中', '👍', 'e', '\n']),
        }),
      ],
      [4, () => metaspace(dice)],
      [
        6,
        () => ({
          type: 'Split',
          pattern: pattern(dice),
          behavior: dice.pick(BEHAVIORS),
          invert: dice.chance(0.35),
        }),
      ],
      [3, () => ({ type: 'Punctuation', behavior: dice.pick(BEHAVIORS) })],
      [2, () => ({ type: 'Digits', individual_digits: flip(dice) })],
      [1, () => ({ type: 'FixedLength', length: dice.int(1, 6) })],
    ]),
  );
}
