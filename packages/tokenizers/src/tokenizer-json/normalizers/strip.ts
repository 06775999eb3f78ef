import { trimmed, type Normalizer } from '../section.js';
import { isSpace } from '../unicode/classes.js';

/** `Strip`: white space at the ends of a section. */
export const strip =
  (left: boolean, right: boolean): Normalizer =>
  (section) => {
    const { text } = section;
    let start = 0;
    let end = text.length;
    if (left) while (start < end && isSpace(text.charAt(start))) start += 1;
    if (right) while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
    return trimmed(section, start, end);
  };
