/**
 * Texts from outside as they may be shown: names, messages and file names, what plug-ins print, what a model writes.
 * Nothing in them may drive a terminal, turn the direction of what stands beside them, or be forbidden in XML.
 */

/** Controls (C0, delete, C1), marks that turn the direction of text, line ends of Unicode, halves of surrogate pairs. */
const ACTIVE = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

const escapeOf = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** With `\u001b` in place of what would act; line breaks and tabs stay. Inside a JSON string it means the same as before. */
export function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(ACTIVE, (one) => (one === '\n' || one === '\t' ? one : escapeOf(one)));
}

/** The same for a text that must not break its line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Plain data with every text in it, names of fields too, as `visible` shows it. */
export function visibleIn<T>(data: T): T {
  return shownIn(data) as T;
}

function shownIn(data: unknown): unknown {
  if (typeof data === 'string') return visible(data);
  if (Array.isArray(data)) return data.map(shownIn);
  if (typeof data !== 'object' || data === null) return data;
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [visible(name), shownIn(value)]));
}
