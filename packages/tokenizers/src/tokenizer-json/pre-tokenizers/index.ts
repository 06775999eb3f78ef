/** The pre-tokenizers of a `tokenizer.json`, each as Hugging Face's `tokenizers` 0.22 runs it. */
import { z } from 'zod';
import { GPT2_PATTERN } from '../patterns/gpt2.js';
import { buildPart, characterSchema, kind, type Kind } from '../component.js';
import { fieldOf } from '../refuse.js';
import { buildPattern, findWith, patternSchema } from '../patterns/pattern.js';
import { BEHAVIORS, cut, emitPart, prepended, type PreTokenizer } from '../section.js';
import { DIGIT, PUNCTUATION, WHITESPACE, WORD_OR_OTHER } from '../unicode/classes.js';
import { toByteSymbols } from './byte-symbols.js';
import { metaspaceSchema, metaspace } from './metaspace.js';
import { byScript } from './scripts.js';

const nothing = z.looseObject({});
const behaviorSchema = z.enum(BEHAVIORS);

const byteLevel = z.looseObject({
  add_prefix_space: z.boolean(),
  use_regex: z.boolean().default(true),
});

/** One after the other, each on all that the one before it emits. */
const chain = (steps: readonly PreTokenizer[]): PreTokenizer =>
  steps.reduceRight<PreTokenizer>(
    (next, step) => (section, emit) => step(section, (part) => next(part, emit)),
    (section, emit) => emit(section),
  );

const removing =
  (pattern: RegExp, inverted = false): PreTokenizer =>
  (section, emit) =>
    cut(section, findWith(pattern, section.text), 'Removed', inverted, emit);

const isolating =
  (pattern: RegExp): PreTokenizer =>
  (section, emit) =>
    cut(section, findWith(pattern, section.text), 'Isolated', false, emit);

const KINDS: Readonly<Record<string, Kind<PreTokenizer>>> = {
  BertPreTokenizer: kind(nothing, () => chain([removing(WHITESPACE), isolating(PUNCTUATION)])),
  ByteLevel: kind(byteLevel, ({ add_prefix_space: prefix, use_regex: useRegex }) => (section, emit) => {
    const whole = prefix && !section.text.startsWith(' ') ? prepended(section, ' ') : section;
    const matches = useRegex ? findWith(GPT2_PATTERN, whole.text) : [];
    cut(whole, matches, 'Isolated', false, (part) => emit(toByteSymbols(part)));
  }),
  CharDelimiterSplit: kind(z.looseObject({ delimiter: characterSchema }), (fields, field) => {
    const { find } = buildPattern({ String: fields.delimiter }, field);
    return (section, emit) => cut(section, find(section.text), 'Removed', false, emit);
  }),
  Digits: kind(z.looseObject({ individual_digits: z.boolean() }), ({ individual_digits: individual }) => {
    const behavior = individual ? 'Isolated' : 'Contiguous';
    return (section, emit) => cut(section, findWith(DIGIT, section.text), behavior, false, emit);
  }),
  FixedLength: kind(z.looseObject({ length: z.int().min(1).default(5) }), ({ length }) => (section, emit) => {
    let start = 0;
    let at = 0;
    let characters = 0;
    for (const character of section.text) {
      at += character.length;
      characters += 1;
      if (characters % length !== 0) continue;
      emitPart(section, start, at, emit);
      start = at;
    }
    emitPart(section, start, at, emit);
  }),
  Metaspace: kind(metaspaceSchema, (fields, field) => metaspace(fields, field)),
  Punctuation: kind(
    z.looseObject({ behavior: behaviorSchema.default('Isolated') }),
    ({ behavior }) =>
      (section, emit) =>
        cut(section, findWith(PUNCTUATION, section.text), behavior, false, emit),
  ),
  Sequence: kind(z.looseObject({ pretokenizers: z.array(z.unknown()) }), (fields, field, build) =>
    chain(
      fields.pretokenizers.map((part, index) => build(part, fieldOf(fieldOf(field, 'pretokenizers'), index))),
    ),
  ),
  Split: kind(
    z.looseObject({ pattern: patternSchema, behavior: behaviorSchema, invert: z.boolean() }),
    ({ pattern, behavior, invert }, field) => {
      const { find } = buildPattern(pattern, fieldOf(field, 'pattern'));
      return (section, emit) => cut(section, find(section.text), behavior, invert, emit);
    },
  ),
  UnicodeScripts: kind(nothing, () => byScript),
  Whitespace: kind(nothing, () => removing(WORD_OR_OTHER, true)),
  WhitespaceSplit: kind(nothing, () => removing(WHITESPACE)),
};

/** @throws InputError that names the field */
export const buildPreTokenizer = (value: unknown, field: string): PreTokenizer =>
  buildPart(value, field, 'pre-tokenizer', KINDS);
