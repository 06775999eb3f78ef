/** Each part of a `tokenizer.json` by itself, against Hugging Face's native library. */
import { describe, expect, it } from 'vitest';
import { loadTokenizerJson } from '@ligature/tokenizers';
import { nativeIds } from './helpers.js';

const TEXTS = [
  '',
  ' ',
  'Hello, world!  größe мир! 中文字 ab12 ½Ⅷ①',
  '  x\u0085y\ufeffz\u00a0w \n\tq\r\n\r\nend ',
  'ΟΔΥΣΣΕΥΣ İstanbul ﬁne Å Å é e\u0301 ㋿ ½ Ｆｕｌｌ',
  "don’t we'll HE'S naïve_name x²y a\u200db 1,234.56$+<=>^`|~",
  '👩‍👩‍👧 🫠🥺 🇩🇪 \u{1d400} \u{20000}字 ひらがなカタカナー漢字 العربية',
  '<a>word<a> x<a>  <b>  <a>\n<b>b <A>a',
  'aaab\nab\n\nba\n',
  'a\u08d0\u0f84 \u08d3\u0334a\u0323\u0307 \u{1e08f}\u0323',
  '\u0001\u007f\u200b\u2028\u0000x\u2581y▁z\ufffd',
];

/** Characters that the texts have, or may come to have. */
const ALPHABET = (() => {
  const all = new Set<string>();
  const forms = TEXTS.flatMap((text) => {
    const lower = text.toLowerCase();
    return [
      text,
      lower,
      ...(['NFC', 'NFD', 'NFKC', 'NFKD'] as const).flatMap((form) => [
        text.normalize(form),
        lower.normalize(form),
      ]),
    ];
  });
  for (const text of forms) for (const character of text) all.add(character);
  for (let code = 0x21; code < 0x200; code += 1) all.add(String.fromCharCode(code));
  for (const character of '▁σς#XY ') all.add(character);
  return [...all];
})();

/** One id for each character, another where it does not begin a piece: the ids tell all that happened. */
const spelling = {
  type: 'WordPiece',
  unk_token: '[UNK]',
  continuing_subword_prefix: '##',
  max_input_chars_per_word: 1000,
  vocab: Object.fromEntries(
    ['[UNK]', ...ALPHABET, ...ALPHABET.map((character) => `##${character}`)].map((token, id) => [token, id]),
  ),
};

const file = (parts: object): object => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: spelling,
  ...parts,
});

async function expectSame(parts: object): Promise<void> {
  const json = file(parts);
  const tokenizer = loadTokenizerJson(json);
  for (const text of TEXTS) {
    expect([text, [...tokenizer.encode(text)]]).toEqual([text, await nativeIds(json, text)]);
  }
}

const split = (Regex: string, behavior = 'Isolated', invert = false): object => ({
  ...{ type: 'Split', pattern: { Regex }, behavior, invert },
});
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
const metaspace = (fields: object): object => ({ type: 'Metaspace', replacement: '▁', ...fields });
const replace = (pattern: object, content: string): object => ({ type: 'Replace', pattern, content });

describe('pre-tokenizers', () => {
  it.each<[string, object]>([
    ['BertPreTokenizer', { type: 'BertPreTokenizer' }],
    ['Whitespace', { type: 'Whitespace' }],
    ['WhitespaceSplit', { type: 'WhitespaceSplit' }],
    ['UnicodeScripts', { type: 'UnicodeScripts' }],
    ['CharDelimiterSplit', { type: 'CharDelimiterSplit', delimiter: 'a' }],
    ['FixedLength', { type: 'FixedLength', length: 2 }],
    ['FixedLength by default', { type: 'FixedLength' }],
    ['Digits', { type: 'Digits', individual_digits: false }],
    ['Digits, each', { type: 'Digits', individual_digits: true }],
    ...BEHAVIORS.map((behavior): [string, object] => [
      `Punctuation ${behavior}`,
      { type: 'Punctuation', behavior },
    ]),
    ...[true, false].flatMap((prefix) =>
      [true, false].map((regex): [string, object] => [
        `ByteLevel ${prefix} ${regex}`,
        { type: 'ByteLevel', add_prefix_space: prefix, trim_offsets: true, use_regex: regex },
      ]),
    ),
    ...['first', 'always', 'never'].flatMap((scheme) =>
      [true, false].map((cut): [string, object] => [
        `Metaspace ${scheme} ${cut}`,
        metaspace({ prepend_scheme: scheme, split: cut }),
      ]),
    ),
    ['old Metaspace', metaspace({ add_prefix_space: true, str_rep: '▁' })],
    ...BEHAVIORS.flatMap((behavior) =>
      [true, false].flatMap((invert) => [
        [`Split ${behavior} ${invert}`, split(String.raw`\w+|\s`, behavior, invert)] as [string, object],
        [
          `Split literal ${behavior} ${invert}`,
          { ...split('', behavior, invert), pattern: { String: 'a' } },
        ] as [string, object],
      ]),
    ),
  ])('%s', async (_, preTokenizer) => expectSame({ pre_tokenizer: preTokenizer }));
});

describe('regular expressions', () => {
  it.each([
    String.raw`\s+`,
    String.raw`\S`,
    String.raw`\w`,
    String.raw`[\w]`,
    String.raw`\W+`,
    String.raw`\d`,
    String.raw`\h+`,
    '^',
    '$',
    '^.',
    '.$',
    String.raw`\b`,
    String.raw`\B`,
    String.raw`\A.`,
    String.raw`.\z`,
    String.raw`.\Z`,
    String.raw`\R`,
    String.raw`\N`,
    String.raw`\O`,
    '(?m:.)+',
    '(?i:hello|he)',
    '(?i)[a-h]+',
    'a*',
    'a+?',
    'a??',
    'a{2,}',
    'a{,2}',
    'a{2}+',
    'a++b',
    '(?>a+)b',
    '(?<=a)b',
    '(?<!a)b',
    'a(?=b)',
    'a(?!b)',
    '(a|ab)(b|n)',
    '(|a)b',
    '[[:punct:]]+',
    '[[:alpha:]]+',
    '[[:^space:]]+',
    '[a-z&&[^aeiou]]+',
    String.raw`\p{L}+`,
    String.raw`\P{L}+`,
    String.raw`\p{^Lu}`,
    String.raw`\p{Han}+`,
    String.raw`\p{Hiragana}|\p{Katakana}`,
    String.raw`[^\s\p{L}\p{N}]+`,
    String.raw`\p{punct}`,
    String.raw`\p{Emoji}`,
    String.raw`\x{61}`,
    String.raw`\u0062`,
    'a*a*a*b',
    '(a+)+b|a',
    String.raw`\p{Ll}+(?=\p{Lu})|(?<=\s)\p{N}`,
  ])('%s', async (regex) => {
    await expectSame({ pre_tokenizer: split(regex) });
    await expectSame({ pre_tokenizer: split(regex, 'MergedWithNext', true) });
  });
});

describe('normalizers', () => {
  const bert = {
    type: 'BertNormalizer',
    clean_text: false,
    handle_chinese_chars: false,
    strip_accents: false,
    lowercase: false,
  };
  it.each<[string, object]>([
    ...['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt', 'ByteLevel'].map(
      (type): [string, object] => [type, { type }],
    ),
    ['Strip', { type: 'Strip', strip_left: true, strip_right: true }],
    ['Strip left', { type: 'Strip', strip_left: true, strip_right: false }],
    ['Prepend', { type: 'Prepend', prepend: '▁' }],
    ['Replace', replace({ String: ' ' }, '▁')],
    ['Replace Regex', replace({ Regex: String.raw`[\s,]+` }, 'XY')],
    ['Replace with nothing', replace({ Regex: 'l+' }, '')],
    [
      'BertNormalizer',
      { ...bert, clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    ],
    ['BertNormalizer, clean_text', { ...bert, clean_text: true }],
    ['BertNormalizer, handle_chinese_chars', { ...bert, handle_chinese_chars: true }],
    ['BertNormalizer, strip_accents', { ...bert, strip_accents: true }],
    [
      'Sequence',
      { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'StripAccents' }, { type: 'Lowercase' }] },
    ],
  ])('%s', async (_, normalizer) => {
    await expectSame({ normalizer });
    await expectSame({ normalizer, pre_tokenizer: metaspace({ prepend_scheme: 'first', split: true }) });
    await expectSame({
      normalizer: { type: 'Sequence', normalizers: [normalizer, replace({ Regex: '^.|a' }, 'XY')] },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [split('.'), metaspace({ prepend_scheme: 'first' })],
      },
    });
  });
});

describe('added tokens', () => {
  const token = (content: string, flags: object): object => ({
    ...{
      id: 0,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: false,
      ...flags,
    },
  });
  const FLAGS = ['single_word', 'lstrip', 'rstrip', 'normalized', 'special'];
  const combinations = Array.from({ length: 32 }, (_, bits) =>
    Object.fromEntries(FLAGS.map((flag, at) => [flag, ((bits >> at) & 1) === 1])),
  );
  it.each(combinations)('%o', async (flags) => {
    const normalizers = [null, { type: 'Lowercase' }, { type: 'Prepend', prepend: '▁' }];
    for (const normalizer of normalizers) {
      await expectSame({
        normalizer,
        pre_tokenizer: metaspace({ prepend_scheme: 'first', split: false }),
        // One that the vocabulary has, one that overlaps another, one of white space, one of nothing.
        added_tokens: [
          token('<a>', flags),
          token('<a>w', { normalized: true }),
          token('b', flags),
          token('\n', flags),
          token('', flags),
          token('<A>', flags),
        ],
      });
    }
  });
});
