/** The decoders of a `tokenizer.json`, each as Hugging Face's `tokenizers` 0.22 runs it: tokens to texts. */
import { z } from 'zod';
import { tokenBytes } from '../../byte-symbols.js';
import { fromUtf8, toUtf8 } from '../../utf8.js';
import { buildPart, characterSchema, kind, type Kind } from '../component.js';
import { buildPattern, patternSchema } from '../patterns/pattern.js';
import { checkMetaspace, metaspaceSchema } from '../pre-tokenizers/metaspace.js';
import { fieldOf, unsupported } from '../refuse.js';
import { byteFallback } from './byte-fallback.js';

/** What it gives is joined without anything between. */
export type Decoder = (tokens: readonly string[]) => string[];

const nothing = z.looseObject({});

/** English punctuation as before it was set apart, in this order. */
const CLEANED: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];
const cleaned = (text: string): string =>
  CLEANED.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);

/** An empty text is between all characters, surrogate pairs whole. */
const replaceAll = (text: string, from: string, to: string): string =>
  from === '' ? to + [...text].map((character) => character + to).join('') : text.split(from).join(to);

const KINDS: Readonly<Record<string, Kind<Decoder>>> = {
  BPEDecoder: kind(
    z.looseObject({ suffix: z.string() }),
    ({ suffix }) =>
      (tokens) =>
        tokens.map((token, index) => replaceAll(token, suffix, index === tokens.length - 1 ? '' : ' ')),
  ),
  ByteFallback: kind(nothing, () => byteFallback),
  ByteLevel: kind(nothing, () => (tokens) => {
    const parts = tokens.map((token) => tokenBytes(token) ?? toUtf8(token));
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let end = 0;
    for (const part of parts) {
      joined.set(part, end);
      end += part.length;
    }
    return [fromUtf8(joined)];
  }),
  CTC: kind(
    z.looseObject({ pad_token: z.string(), word_delimiter_token: z.string(), cleanup: z.boolean() }),
    ({ pad_token: pad, word_delimiter_token: delimiter, cleanup }) =>
      (tokens) =>
        tokens
          .filter((token, index) => token !== tokens[index - 1])
          .map((token) => replaceAll(token, pad, ''))
          .map((token) => (cleanup ? replaceAll(cleaned(token), delimiter, ' ') : token))
          .filter((token) => token !== ''),
  ),
  Fuse: kind(nothing, () => (tokens) => [tokens.join('')]),
  Metaspace: kind(metaspaceSchema, (given, field) => {
    const { replacement, prepend_scheme: scheme } = checkMetaspace(given, field);
    return (tokens) =>
      tokens.map((token, index) =>
        token.replaceAll(replacement, index === 0 && scheme !== 'never' ? '' : ' '),
      );
  }),
  Replace: kind(
    z.looseObject({ pattern: patternSchema, content: z.string() }),
    ({ pattern, content }, field) => {
      const { find } = buildPattern(pattern, fieldOf(field, 'pattern'));
      return (tokens) => tokens.map((token) => replaceMatches(token, find(token), content));
    },
  ),
  Sequence: kind(z.looseObject({ decoders: z.array(z.unknown()) }), (fields, field, build) => {
    const steps = fields.decoders.map((part, index) =>
      build(part, fieldOf(fieldOf(field, 'decoders'), index)),
    );
    return (tokens) => steps.reduce((texts, step) => step(texts), [...tokens]);
  }),
  Strip: kind(
    z.looseObject({ content: characterSchema, start: z.int().min(0), stop: z.int().min(0) }),
    (fields, field) => (tokens) => tokens.map((token) => stripped(token, fields, field)),
  ),
  WordPiece: kind(
    z.looseObject({ prefix: z.string(), cleanup: z.boolean() }),
    ({ prefix, cleanup }) =>
      (tokens) =>
        tokens.map((token, index) => {
          const joined =
            index === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
          return cleanup ? cleaned(joined) : joined;
        }),
  ),
};

function replaceMatches(text: string, matches: readonly number[], content: string): string {
  let out = '';
  let last = 0;
  for (let index = 0; index < matches.length; index += 2) {
    out += text.slice(last, matches[index]) + content;
    last = matches[index + 1] as number;
  }
  return out + text.slice(last);
}

function stripped(
  token: string,
  { content, start, stop }: { content: string; start: number; stop: number },
  field: string,
): string {
  const characters = [...token];
  let first = 0;
  while (first < start && characters[first] === content) first += 1;
  let end = characters.length;
  for (let count = 0; count < stop; count += 1) {
    // Hugging Face's library crashes for a token that is nothing but what is stripped.
    if (count >= characters.length) return crash(token, field);
    if (characters[characters.length - count - 1] !== content) break;
    end -= 1;
  }
  return first > end ? crash(token, field) : characters.slice(first, end).join('');
}

const crash = (token: string, field: string): never =>
  unsupported(fieldOf(field, 'stop'), `strips more from the token ${JSON.stringify(token)} than there is`);

/** @throws InputError that names the field */
export const buildDecoder = (value: unknown, field: string): Decoder =>
  buildPart(value, field, 'decoder', KINDS);
