import { InputError } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { loadTokenizerJson, trainBpe } from '@ligature/tokenizers';
import { readPattern } from '../src/tokenizer-json/patterns/read.js';
import { swiftPattern } from '../src/tokenizer-json/patterns/swift.js';

const bpe = trainBpe('Call me Ishmael.\n', { vocabularySize: 260 });
const load = (parts: object) => loadTokenizerJson({ ...bpe, ...parts });
const split = (regex: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
});

/** As published with GPT-2, GPT-4, GPT-4o, Llama 3, Qwen 2, DeepSeek V2, Tekken, CLIP and BLOOM. */
const PUBLISHED = [
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`,
  String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`,
];

/** Whose time would grow with the square of the text, or faster, on that engine. */
const SLOW = [
  'a*a*a*b',
  'a*b',
  'a*b|a',
  'a*b|a|a+',
  String.raw`\s*[\r\n]+|\s`,
  '(a+)+b',
  '(?:a|aa)+b',
  'x?a*b|xa+',
];

describe('regular expressions of a tokenizer.json', () => {
  it.each(SLOW)('does not leave %s to the engine of JavaScript', (regex) => {
    expect(swiftPattern(readPattern(regex))).toBeUndefined();
  });

  it.each(PUBLISHED)('runs the published %s on the engine of JavaScript', (regex) => {
    expect(swiftPattern(readPattern(regex))).toBeDefined();
    const tokenizer = load({ pre_tokenizer: split(regex) });
    const text = 'Call me Ishmael';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it.each([
    'a*a*a*b',
    '(a+)+$',
    '(a+)+b|a',
    '(a|a)*b',
    '(a|aa)+$',
    'a*b|a',
    '(.*)*x',
    '((a{1,9}){1,5}){1,3}b',
    '(?=(a+)+$)b',
    '(?=a*b)a|a',
    'a(?=a*b)|a',
    '(?<=a{1,10}b)a',
    '(?>a*)b|a',
    'a{1,9}+b',
    `${'a?'.repeat(30)}b`,
    `${'a*'.repeat(6)}b`,
    `${'(?:a|b|ab)'.repeat(20)}c`,
    String.raw`\s*[ab]+c|a|\s`,
  ])('runs %s over 50,000 equal characters', { timeout: 120_000 }, (regex) => {
    const tokenizer = load({ pre_tokenizer: split(regex) });
    const text = 'a'.repeat(50_000);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it.each([
    [String.raw`(a*)\1\1b`, /refers back/],
    ['([a-z]?){30}z', /repeats what can be empty/],
    [String.raw`(?<=\R)a`, /looks back/],
    ['(.*.*)+x', /repeats what can be empty/],
    ['(?:a*|b)*c', /repeats what can be empty/],
    ['(?:a{1,99}){1,99}', /steps/],
    ['(?i:ß)', /ignores the case/],
    ['(?i:s(?:s))', /ignores the case/],
    ['(?<=a+)b', /looks back/],
    ['(a', /no regular expression/],
    [String.raw`a\Kb`, /\\K/],
  ])('refuses %s and says why', (regex, reason) => {
    expect(() => load({ pre_tokenizer: split(regex) })).toThrow(reason);
    expect(() => load({ pre_tokenizer: split(regex) })).toThrow(/pre_tokenizer\.pretokenizers\[0\]\.pattern/);
  });
});

describe('components of a tokenizer.json', () => {
  const doubling = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };

  it.each([
    [
      'texts that double forty times',
      { normalizer: { type: 'Sequence', normalizers: Array(40).fill(doubling) } },
    ],
    [
      'a text between all characters',
      { normalizer: { ...doubling, pattern: { Regex: 'x?' }, content: 'y'.repeat(500) } },
    ],
    ['pieces of no length, for ever', { pre_tokenizer: { type: 'FixedLength', length: 0 } }],
    ['a pattern that is none', { pre_tokenizer: { type: 'Split', pattern: { Glob: '*' } } }],
    ['a pattern of 100,000 characters', { pre_tokenizer: split('a'.repeat(100_000)) }],
    ['a text that is a number', { normalizer: { type: 'Prepend', prepend: 7 } }],
    ['nothing to put before a text', { normalizer: { type: 'Prepend', prepend: '' } }],
  ])('refuses %s', (_what, parts) => {
    expect(() => load(parts)).toThrow(/Use a tokenizer\.json/);
  });

  /** A list in a list in a list … */
  const nested = (around: (inner: unknown) => unknown): unknown => {
    let value: unknown = null;
    for (let level = 0; level < 20_000; level += 1) value = around(value);
    return value;
  };
  it.each([
    ['a type of the model', { model: { type: nested((inner) => [inner]) } }],
    ['a sequence', { normalizer: nested((inner) => ({ type: 'Sequence', normalizers: [inner] })) }],
    ['a field', { truncation: nested((inner) => [inner]) }],
  ])('refuses %s that is nested 20,000 deep', (_what, parts) => {
    expect(() => load(parts)).toThrow(InputError);
  });

  it('refuses sequences in sequences without end', () => {
    let normalizer: object = { type: 'NFC' };
    for (let level = 0; level < 50; level += 1) normalizer = { type: 'Sequence', normalizers: [normalizer] };
    expect(() => load({ normalizer })).toThrow(/nested deeper than 5/);
  });
});
