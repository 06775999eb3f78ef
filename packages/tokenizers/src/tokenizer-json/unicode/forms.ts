/** Normalization forms, but for characters that are newer than the tables of the native library. */
import { KEPT_BY_NFD, KEPT_BY_NFKC, KEPT_BY_NFKD } from './tables.js';

const kept = (source: string): RegExp => new RegExp(`[${source}]`, 'v');
const NEWER = { NFD: kept(KEPT_BY_NFD), NFKC: kept(KEPT_BY_NFKC), NFKD: kept(KEPT_BY_NFKD) };

export const composed =
  (form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD') =>
  (text: string): string => {
    const newer = form === 'NFC' ? undefined : NEWER[form];
    if (!newer?.test(text)) return text.normalize(form);
    let out = '';
    let older = '';
    for (const character of text) {
      if (!newer.test(character)) {
        older += character;
        continue;
      }
      out += older.normalize(form) + character;
      older = '';
    }
    return out + older.normalize(form);
  };
