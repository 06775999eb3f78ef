/**
 * Refuses regular expressions whose matching can take exponential time: a tokenizer.json brings its own, and Node
 * cannot stop one that runs. The rule is stricter than necessary and covers what published tokenizers use: nothing
 * that is repeated may match in several ways, and few parts of one alternative may vary in length. Matching is
 * then polynomial. (Weideman et al. 2016, "Analyzing matching time behavior of backtracking regular expression
 * matchers", for what makes it exponential.)
 */

/** Parts of one alternative that may match in several ways. */
const MOST_VARIABLE = 8;
/** Those of them that may match at more than `SHORT` lengths. */
const MOST_LONG = 3;
const SHORT = 3;

interface Group {
  /** A look-around is never entered again once it has matched, so it does not multiply with what is around it. */
  readonly lookaround: boolean;
  variable: number;
  long: number;
  /** Of the worst finished alternative. */
  worstVariable: number;
  worstLong: number;
  alternatives: number;
}

const newGroup = (lookaround: boolean): Group => ({
  ...{ lookaround, variable: 0, long: 0, worstVariable: 0, worstLong: 0, alternatives: 1 },
});

const QUANTIFIER = /[*+?]\??|\{(\d+)(,(\d*))?\}\??/y;
const OPENING = /\((\?(<?[=!]|:|<[^>]*>|[a-z-]*:))?/y;
const CLASS = /\[(\\[^]|[^\]\\])*\]/y;
const ESCAPE = /\\([pP]\{[^}]*\}|u\{[^}]*\}|[^])/y;

/**
 * @param source of a RegExp with the flag `u`, which is well-formed
 * @returns what is wrong with it, or nothing
 */
export function slowRegex(source: string): string | undefined {
  const open: Group[] = [newGroup(false)];
  /** What the next quantifier repeats, if it is a group. */
  let closed: Group | undefined;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at += match[0].length;
    return match;
  };
  while (at < source.length) {
    const top = open.at(-1) as Group;
    const quantifier = take(QUANTIFIER);
    if (quantifier) {
      const { least, most } = bounds(quantifier);
      if (most > 1 && closed && (closed.worstVariable > 0 || closed.alternatives > 1)) {
        return 'it repeats a group that can match in several ways';
      }
      if (least !== most) {
        top.variable += 1;
        if (most - least > SHORT) top.long += 1;
      }
      closed = undefined;
      continue;
    }
    closed = undefined;
    const opening = take(OPENING);
    if (opening) open.push(newGroup(/^<?[=!]$/.test(opening[2] ?? '')));
    else if (source[at] === ')' && open.length > 1) {
      at += 1;
      closed = endAlternative(open.pop() as Group);
      const outer = open.at(-1) as Group;
      if (!closed.lookaround) {
        outer.variable += closed.worstVariable + (closed.alternatives > 1 ? 1 : 0);
        outer.long += closed.worstLong;
      }
      if (tooMuch(closed)) return TOO_MUCH;
    } else if (source[at] === '|') {
      at += 1;
      endAlternative(top).alternatives += 1;
    } else if (!take(CLASS)) {
      const escape = take(ESCAPE);
      if (escape && /^[1-9k]/.test(escape[1] as string)) return 'it refers back to what it has matched';
      if (!escape) at += 1;
    }
  }
  return open.some((group) => tooMuch(endAlternative(group))) ? TOO_MUCH : undefined;
}

const TOO_MUCH = `more than ${MOST_VARIABLE} parts of an alternative vary, or ${MOST_LONG} by more than ${SHORT}`;

const tooMuch = ({ worstVariable, worstLong }: Group): boolean =>
  worstVariable > MOST_VARIABLE || worstLong > MOST_LONG;

function endAlternative(group: Group): Group {
  group.worstVariable = Math.max(group.worstVariable, group.variable);
  group.worstLong = Math.max(group.worstLong, group.long);
  group.variable = 0;
  group.long = 0;
  return group;
}

function bounds([text, least, comma, most]: RegExpExecArray): { least: number; most: number } {
  if (least !== undefined) {
    const low = Number(least);
    return { least: low, most: comma === undefined ? low : most ? Number(most) : Infinity };
  }
  return { least: text.startsWith('+') ? 1 : 0, most: text.startsWith('?') ? 1 : Infinity };
}
