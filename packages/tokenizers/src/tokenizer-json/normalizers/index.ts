/** The normalizers of a `tokenizer.json`, each as Hugging Face's `tokenizers` 0.22 runs it. */
import { z } from 'zod';
import { buildPart, kind, type Kind } from '../component.js';
import { buildPattern, patternSchema } from '../patterns/pattern.js';
import { toByteSymbols } from '../pre-tokenizers/byte-symbols.js';
import { fieldOf, unsupported } from '../refuse.js';
import { eachCharacter, prepended, type Normalizer, type Section } from '../section.js';
import { COMBINING_MARK } from '../unicode/classes.js';
import { composed } from '../unicode/forms.js';
import { lowercase } from '../unicode/lowercase.js';
import { bert, bertSchema } from './bert.js';
import { nmt } from './nmt.js';
import { precompiled } from './precompiled.js';
import { strip } from './strip.js';

const nothing = z.looseObject({});

const chain =
  (steps: readonly Normalizer[]): Normalizer =>
  (section) =>
    steps.reduce((text, step) => step(text), section);

const form = (name: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Kind<Normalizer> =>
  kind(nothing, () => eachCharacter(composed(name)));

/** What was matched becomes `content`, which begins where the last matched character did. */
function replaced(section: Section, matches: readonly number[], content: string): Section {
  if (matches.length === 0) return section;
  const { text, head } = section;
  let out = '';
  let newHead = 0;
  let last = 0;
  for (let index = 0; index < matches.length; index += 2) {
    const start = matches[index] as number;
    const end = matches[index + 1] as number;
    out += text.slice(last, start);
    if (last < head) newHead = out.length - Math.max(0, start - head);
    out += content;
    const lastCharacter = end - (text.charCodeAt(end - 1) >>> 10 === 0x37 ? 2 : 1);
    if (lastCharacter < head) newHead = out.length;
    last = end;
  }
  out += text.slice(last);
  if (last < head) newHead = out.length - (text.length - head);
  return { text: out, head: newHead };
}

const KINDS: Readonly<Record<string, Kind<Normalizer>>> = {
  BertNormalizer: kind(bertSchema, bert),
  ByteLevel: kind(nothing, () => toByteSymbols),
  Lowercase: kind(nothing, () => eachCharacter(lowercase)),
  NFC: form('NFC'),
  NFD: form('NFD'),
  NFKC: form('NFKC'),
  NFKD: form('NFKD'),
  Nmt: kind(nothing, () => eachCharacter(nmt)),
  Precompiled: kind(
    z.looseObject({ precompiled_charsmap: z.string() }),
    ({ precompiled_charsmap: map }, field) => precompiled(map, fieldOf(field, 'precompiled_charsmap')),
  ),
  Prepend: kind(z.looseObject({ prepend: z.string() }), ({ prepend }, field) => {
    const at = fieldOf(field, 'prepend');
    // Hugging Face's library then takes the first character for one of an earlier piece.
    if (prepend === '') unsupported(at, 'what is put before a text must not be empty', prepend);
    return (section) => (section.text === '' ? section : prepended(section, prepend));
  }),
  Replace: kind(
    z.looseObject({ pattern: patternSchema, content: z.string() }),
    ({ pattern, content }, field) => {
      const at = fieldOf(field, 'pattern');
      const { find, canBeEmpty } = buildPattern(pattern, at);
      // Hugging Face's library then loses its alignment, and what follows depends on the accident or crashes.
      if (canBeEmpty) unsupported(at, 'a normalizer must not replace what may be empty', pattern);
      return (section) => replaced(section, find(section.text), content);
    },
  ),
  Sequence: kind(z.looseObject({ normalizers: z.array(z.unknown()) }), (fields, field, build) =>
    chain(
      fields.normalizers.map((part, index) => build(part, fieldOf(fieldOf(field, 'normalizers'), index))),
    ),
  ),
  Strip: kind(z.looseObject({ strip_left: z.boolean(), strip_right: z.boolean() }), (fields) =>
    strip(fields.strip_left, fields.strip_right),
  ),
  StripAccents: kind(nothing, () => eachCharacter((text) => text.replaceAll(COMBINING_MARK, ''))),
};

/** @throws InputError that names the field */
export const buildNormalizer = (value: unknown, field: string): Normalizer =>
  buildPart(value, field, 'normalizer', KINDS);
