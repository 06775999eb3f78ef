/**
 * Patterns of files as cards of datasets write them: `*` and `?` inside a part of a path, `**` for any parts, `{a,b}` for one
 * of several. A card may be anybody's, so matching takes no more than length times length.
 */
const LONGEST = 500;
const MOST_BRACES = 64;

export type Matcher = (path: string) => boolean;

/** @returns nothing for a pattern that is not understood: `[`, too long, too many braces */
export function globMatcher(pattern: string): Matcher | undefined {
  if (pattern.length > LONGEST || /[[\]\\!]/.test(pattern)) return undefined;
  const plain = expandBraces(pattern.replace(/^\.\//, ''));
  const split = plain?.map((one) => one.split('/'));
  return split && ((path) => split.some((parts) => matchesParts(parts, path.split('/'))));
}

function expandBraces(pattern: string): string[] | undefined {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0) {
    if (open.length + done.length > MOST_BRACES) return undefined;
    const next: string[] = [];
    for (const one of open) {
      const found = /\{([^{}]*)\}/.exec(one);
      if (!found) {
        if (/[{}]/.test(one)) return undefined;
        done.push(one);
        continue;
      }
      const before = one.slice(0, found.index);
      const after = one.slice(found.index + found[0].length);
      for (const choice of found[1]!.split(',')) next.push(`${before}${choice}${after}`);
    }
    open = next;
  }
  return done;
}

const matchesParts = (pattern: readonly string[], path: readonly string[]): boolean =>
  matchesAll(pattern, path, (one) => one === '**', matchesPart);

const matchesPart = (pattern: string, part: string): boolean =>
  matchesAll(
    [...pattern],
    [...part],
    (one) => one === '*',
    (one, letter) => one === '?' || one === letter,
  );

/** The way of one star: of several, only the last has to be tried again. */
function matchesAll<T>(
  pattern: readonly T[],
  items: readonly T[],
  isAny: (one: T) => boolean,
  fits: (one: T, item: T) => boolean,
): boolean {
  let [at, item, star, from] = [0, 0, -1, 0];
  while (item < items.length) {
    const one = pattern[at];
    if (one !== undefined && isAny(one)) {
      [star, from] = [at, item];
      at += 1;
    } else if (one !== undefined && fits(one, items[item]!)) {
      at += 1;
      item += 1;
    } else if (star >= 0) {
      from += 1;
      [at, item] = [star + 1, from];
    } else return false;
  }
  return pattern.slice(at).every(isAny);
}
