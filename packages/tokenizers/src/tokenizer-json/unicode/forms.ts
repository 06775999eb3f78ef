/** Normalization forms, but for characters that are newer than the tables of the native library. */
import { KEPT_BY_NFD, KEPT_BY_NFKC, KEPT_BY_NFKD, NOT_REORDERED } from './tables.js';

const kept = (source: string): RegExp => new RegExp(`[${source}${NOT_REORDERED}]`, 'v');
const NEWER = {
  NFC: kept(''),
  NFD: kept(KEPT_BY_NFD),
  NFKC: kept(KEPT_BY_NFKC),
  NFKD: kept(KEPT_BY_NFKD),
};

export const composed =
  (form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD') =>
  (text: string): string => {
    const newer = NEWER[form];
    if (!newer.test(text)) return text.normalize(form);
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
