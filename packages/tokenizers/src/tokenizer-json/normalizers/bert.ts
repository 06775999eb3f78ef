/** `BertNormalizer`: cleans, sets Chinese characters apart, strips accents and lowers, in this order. */
import { z } from 'zod';
import { eachCharacter, type Normalizer } from '../section.js';
import { NONSPACING_MARK, OTHER, WHITESPACE } from '../unicode/classes.js';
import { composed } from '../unicode/forms.js';
import { lowercase } from '../unicode/lowercase.js';

export const bertSchema = z.looseObject({
  clean_text: z.boolean().default(true),
  handle_chinese_chars: z.boolean().default(true),
  /** As `lowercase` if it is not given. */
  strip_accents: z.boolean().nullish(),
  lowercase: z.boolean().default(true),
});

/** As the library has them: the compatibility blocks, and extension E from U+2B920 on. */
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

const decompose = composed('NFD');

export function bert(fields: z.output<typeof bertSchema>): Normalizer {
  const steps: ((text: string) => string)[] = [];
  if (fields.clean_text) {
    steps.push((text) => text.replaceAll(OTHER, '').replaceAll(WHITESPACE, ' '));
  }
  if (fields.handle_chinese_chars) steps.push((text) => text.replaceAll(CHINESE, ' $& '));
  if (fields.strip_accents ?? fields.lowercase) {
    steps.push((text) => decompose(text).replaceAll(NONSPACING_MARK, ''));
  }
  if (fields.lowercase) steps.push(lowercase);
  return eachCharacter((text) => steps.reduce((changed, step) => step(changed), text));
}
