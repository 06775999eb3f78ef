/** Values and their differences as short texts. Nothing here throws: what is shown comes from plug-ins. */

const LONGEST = 160;

/** A value on one line, cut where it gets long. */
export function show(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** `TypeError: boom` of whatever was thrown, without a full stop at the end. */
export function showError(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  const [line = ''] = error.message.split('\n');
  return `${error.name}: ${line.length > 2 * LONGEST ? `${line.slice(0, 2 * LONGEST)}…` : line.replace(/\.$/, '')}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'function') return `a function ${value.name}`.trimEnd();
  try {
    return JSON.stringify(value, readable) ?? String(value);
  } catch {
    return `a ${typeof value} that cannot be shown`;
  }
}

/** Numbers that JSON has not, and typed arrays as what they are. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>).slice(0, LONGEST);
  return value;
}

/**
 * Where two values first differ, as a sentence; nothing if they are equal. NaN equals NaN, -0 is not 0.
 *
 * @param words what to call the two
 */
export function difference(
  one: unknown,
  other: unknown,
  words: readonly [string, string] = ['at first', 'then'],
): string | undefined {
  return differenceAt(one, other, words, '', 0);
}

const DEEPEST = 64;

function differenceAt(
  one: unknown,
  other: unknown,
  words: readonly [string, string],
  path: string,
  depth: number,
): string | undefined {
  if (Object.is(one, other)) return undefined;
  const comparable =
    typeof one === 'object' &&
    typeof other === 'object' &&
    one !== null &&
    other !== null &&
    Object.getPrototypeOf(one) === Object.getPrototypeOf(other) &&
    depth < DEEPEST;
  if (!comparable) return `${path || 'it'} is ${show(one)} ${words[0]} and ${show(other)} ${words[1]}`;
  const [left, right] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const found = differenceAt(left[key], right[key], words, path ? `${path}.${key}` : key, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
