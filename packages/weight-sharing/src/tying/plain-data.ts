/** Copies and texts of values that come from plug-ins and may be anything. */

/** JSON data, but any number. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

const MAX_DEPTH = 16;
/** Numbers count as 16: most have as many digits. */
const MAX_BYTES = 2 ** 18;

/**
 * A copy as JSON would make it, except that every number is kept as it is. Entries of an object that are undefined
 * are left out, typed arrays become lists.
 *
 * @throws TypeError for what JSON cannot hold, for more than 256 KiB, and for nesting beyond 16 levels, cycles included
 */
export function plainCopy(value: unknown, depth = 0, left = { bytes: MAX_BYTES }): Plain {
  left.bytes -= typeof value === 'string' ? value.length + 2 : 16;
  if (left.bytes < 0) throw new TypeError(`it has more than ${MAX_BYTES} bytes`);
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} is no plain data`);
  if (depth === MAX_DEPTH) throw new TypeError(`it is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return Array.from(value as unknown[], (one) => plainCopy(one, depth + 1, left));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<unknown>, (one) => plainCopy(one, depth + 1, left));
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.map(([key, one]) => {
      if (key === '__proto__') throw new TypeError('"__proto__" is no name for data');
      left.bytes -= key.length + 3;
      return [key, plainCopy(one, depth + 1, left)];
    }),
  );
}

const MAX_TEXT = 300;

/** A short text for an error message. Never throws. */
export function describe(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  } catch {
    text = `${typeof value} that cannot be shown`;
  }
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
