import { BYTE_SYMBOLS } from '../../byte-symbols.js';
import type { Section } from '../section.js';
import { toUtf8 } from '../../utf8.js';

/** Characters that stand for themselves. */
const UNCHANGED = /^[!-~]*$/;
const PLAIN = /^[ -~]*$/;

/** The printable stand-ins of a text's UTF-8 bytes. */
export function byteSymbols(text: string): string {
  if (UNCHANGED.test(text)) return text;
  if (PLAIN.test(text)) return text.replaceAll(' ', BYTE_SYMBOLS[0x20] as string);
  let symbols = '';
  for (const byte of toUtf8(text)) symbols += BYTE_SYMBOLS[byte];
  return symbols;
}

export const toByteSymbols = ({ text, head }: Section): Section => ({
  text: byteSymbols(text),
  head: head === 0 ? 0 : byteSymbols(text.slice(0, head)).length,
});
