import { emitPart, type PreTokenizer } from '../section.js';
import { ANY_SCRIPT, scriptOf } from '../unicode/scripts.js';

/**
 * `UnicodeScripts`: cuts where the script changes. A character of any script belongs to what is before it, and lets
 * the one after it belong there too. What precedes the first cut is lost, as in Hugging Face's library: that
 * happens only where a text begins with characters of any script.
 */
export const byScript: PreTokenizer = (section, emit) => {
  let last: number | undefined;
  let start = -1;
  let at = 0;
  for (const character of section.text) {
    const script = scriptOf(character.codePointAt(0) as number);
    if (script !== ANY_SCRIPT && last !== script) {
      if (start >= 0) emitPart(section, start, at, emit);
      start = at;
    }
    at += character.length;
    if (script !== ANY_SCRIPT) last = script;
  }
  if (start >= 0) emitPart(section, start, at, emit);
};
