/** `Metaspace`: spaces as a visible character, as SentencePiece writes them. */
import { z } from 'zod';
import { characterSchema } from '../component.js';
import { buildPattern } from '../patterns/pattern.js';
import { unsupported } from '../refuse.js';
import { cut, prepended, type PreTokenizer, type Section } from '../section.js';

export const metaspaceSchema = z.looseObject({
  replacement: characterSchema,
  add_prefix_space: z.boolean().nullish(),
  prepend_scheme: z.enum(['first', 'never', 'always']).default('always'),
  split: z.boolean().nullish(),
});

type Fields = z.output<typeof metaspaceSchema>;

/** Files of before there were schemes say only whether to put a space before a text. @throws InputError */
export function checkMetaspace(fields: Fields, field: string): Fields {
  if (fields.add_prefix_space === false && fields.prepend_scheme !== 'never') {
    unsupported(
      `${field}.add_prefix_space`,
      `prepend_scheme is ${JSON.stringify(fields.prepend_scheme)}, which contradicts it`,
      false,
    );
  }
  return fields;
}

export function metaspace(given: Fields, field: string): PreTokenizer {
  const { replacement, prepend_scheme: scheme, split } = checkMetaspace(given, field);
  const { find } = buildPattern({ String: replacement }, field);
  return (section, emit) => {
    const spaced: Section = {
      text: section.text.replaceAll(' ', replacement),
      // A space at the head may become two units.
      head: section.text.slice(0, section.head).replaceAll(' ', replacement).length,
    };
    const prepends = scheme === 'always' || (scheme === 'first' && spaced.head > 0);
    const whole = prepends && !spaced.text.startsWith(replacement) ? prepended(spaced, replacement) : spaced;
    if (split === false) emit(whole);
    else cut(whole, find(whole.text), 'MergedWithNext', false, emit);
  };
}
