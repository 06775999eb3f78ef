/**
 * Patterns that JavaScript's own engine matches in time linear in the text, written for it. That engine goes back
 * over a text again and again for some patterns; whether it can is decided here, from the pattern alone.
 *
 * An alternative is *sure* if nothing after its first unbounded repetition can fail: what it has scanned, it
 * matches. Where something can fail there, a later sure alternative has to match at least the same characters, so
 * that no character is scanned often. All published patterns are of this kind; whatever is not runs on
 * `machine.ts`.
 */
import { ANY, WORD } from './classes.js';
import { type Ir, lengths, type OneOf, type Place } from './ir.js';
import { areDisjoint, isSubset } from './sets.js';

type Repeat = Extract<Ir, { kind: 'repeat' }>;

/** A repetition up to so often is no reason for concern, nor are so many ways through the bounded parts. */
const BOUNDED = 64;

/** @returns a pattern with the flags `gv`, or nothing if its time could grow faster than the text */
export function swiftPattern(ir: Ir): RegExp | undefined {
  // V8 may find what begins with no character of its own in the middle of a surrogate pair.
  if (!beginsWithCharacter(ir)) return undefined;
  const options = (ir.kind === 'choice' ? ir.options : [ir]).map((option) => loosened(flat(option)));
  const alternatives: Alternative[] = [];
  for (const parts of options) {
    const alternative = inspect(parts);
    if (!alternative) return undefined;
    alternatives.push(alternative);
  }
  if (!alternatives.every((one, index) => !one.fails || isCovered(one, alternatives.slice(index + 1)))) {
    return undefined;
  }
  return new RegExp(options.map((parts) => parts.map(writtenPart).join('')).join('|'), 'gv');
}

function beginsWithCharacter(ir: Ir): boolean {
  switch (ir.kind) {
    case 'set':
      return true;
    case 'choice':
      return ir.options.every(beginsWithCharacter);
    case 'sequence':
      return !startsAtPlace(ir.parts);
    case 'repeat':
      return ir.least > 0 && beginsWithCharacter(ir.body);
    case 'atomic':
      return beginsWithCharacter(ir.body);
    default:
      return false;
  }
}

/** Whether a look-around or an anchor can come before the first character. */
function startsAtPlace(parts: readonly Ir[]): boolean {
  for (const part of parts) {
    if (hasPlace(part)) return true;
    if (lengths(part).least > 0) return false;
  }
  return true;
}

function hasPlace(ir: Ir): boolean {
  switch (ir.kind) {
    case 'set':
      return false;
    case 'sequence':
      return ir.parts.some(hasPlace);
    case 'choice':
      return ir.options.some(hasPlace);
    case 'repeat':
    case 'atomic':
      return hasPlace(ir.body);
    default:
      return true;
  }
}

interface Alternative {
  /** What comes before the first unbounded repetition, as written. */
  readonly prefix: string;
  readonly prefixOptional: boolean;
  /** The set of that repetition, if there is one. */
  readonly set: OneOf | undefined;
  /** Whether something after it can fail. */
  readonly fails: boolean;
  /** `x+(?!y)`: all of a run of its set, but for its last character. */
  readonly nearlyAll: boolean;
}

const isUnbounded = (part: Ir): part is Repeat => part.kind === 'repeat' && part.most > BOUNDED;
const canFail = (part: Ir): boolean =>
  part.kind === 'look' || part.kind === 'place' || lengths(part).least > 0;

/** The parts of an alternative, with `x{2,}` as `x` and `x+`. */
function flat(ir: Ir): readonly Ir[] {
  const parts = ir.kind === 'sequence' ? ir.parts.flatMap(flat) : [ir];
  return parts.flatMap((part) =>
    part.kind === 'repeat' && part.most === Infinity && part.least > 1 && part.least <= BOUNDED
      ? [...Array<Ir>(part.least - 1).fill(part.body), { ...part, least: 1 }]
      : [part],
  );
}

/** Without the atomic groups that make no difference: nothing could be gained by giving back what they hold. */
function loosened(parts: readonly Ir[]): readonly Ir[] {
  return parts.map((part, index) => {
    if (part.kind !== 'atomic' || part.body.kind !== 'repeat' || part.body.body.kind !== 'set') return part;
    const rest = parts.slice(index + 1);
    const next = rest[0]?.kind === 'repeat' && rest[0].least > 0 ? rest[0].body : rest[0];
    const apart = next?.kind === 'set' && areDisjoint(part.body.body, next);
    return apart || !rest.some(canFail) ? part.body : part;
  });
}

function inspect(parts: readonly Ir[]): Alternative | undefined {
  const first = parts.findIndex(isUnbounded);
  const before = first < 0 ? parts : parts.slice(0, first);
  const prefix = before.map(writtenPart).join('');
  const prefixOptional = !before.some(canFail);
  if (waysThrough(before) > BOUNDED) return undefined;
  if (first < 0) return { prefix, prefixOptional, set: undefined, fails: false, nearlyAll: false };

  const rest = parts.slice(first + 1);
  const repeats = [parts[first] as Repeat, ...rest.filter(isUnbounded)];
  if (repeats.some(({ body, lazy, least }) => body.kind !== 'set' || lazy || least > 1)) return undefined;
  if (waysThrough(rest.filter((part) => !isUnbounded(part))) > BOUNDED) return undefined;
  const fails = rest.some(canFail);
  // For each character given back by the first, one try of what follows: it must not scan and fail in turn.
  const afterLast = rest.slice(rest.findLastIndex(isUnbounded) + 1);
  if (fails && (repeats.length > 2 || (repeats.length === 2 && afterLast.some(canFail)))) return undefined;
  const set = (parts[first] as Repeat).body as OneOf;
  return { prefix, prefixOptional, set, fails, nearlyAll: rest.length === 1 && keepsRun(set, rest[0] as Ir) };
}

const keepsRun = (set: OneOf, part: Ir): boolean =>
  part.kind === 'look' &&
  part.negate &&
  !part.behind &&
  part.body.kind === 'set' &&
  areDisjoint(set, part.body);

/** Whether what a failing alternative has scanned is then matched by those after it. */
function isCovered(failing: Alternative, later: readonly Alternative[]): boolean {
  for (const one of later) {
    const covers =
      one.set !== undefined &&
      (one.prefixOptional || one.prefix === failing.prefix) &&
      isSubset(failing.set as OneOf, one.set);
    if (!covers || (one.fails && !one.nearlyAll)) return false;
    if (!one.fails) return true;
  }
  return false;
}

const waysThrough = (parts: readonly Ir[]): number => parts.reduce((ways, part) => ways * waysOf(part), 1);

/** In how many ways a bounded part can match, at most; Infinity for one that is not bounded. */
function waysOf(ir: Ir): number {
  switch (ir.kind) {
    case 'set':
    case 'place':
      return 1;
    case 'sequence':
      return waysThrough(ir.parts);
    case 'choice':
      return ir.options.reduce((ways, option) => ways + waysOf(option), 0);
    case 'repeat': {
      if (ir.most > BOUNDED) return Infinity;
      const ways = waysOf(ir.body);
      return ways === 1 ? ir.most - ir.least + 1 : ways ** ir.most * (ir.most + 1);
    }
    case 'look':
      return lengths(ir.body).most > 1 ? Infinity : 1;
    case 'atomic':
      // JavaScript has none.
      return Infinity;
  }
}

const PLACES: Readonly<Record<Place, string>> = {
  line_start: `(?:(?<!${ANY})|(?<=\\n)(?=${ANY}))`,
  line_end: `(?=\\n|(?!${ANY}))`,
  string_start: `(?<!${ANY})`,
  string_end: `(?!${ANY})`,
  string_end_newline: `(?=\\n?(?!${ANY}))`,
  word_boundary: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
};

const writtenPart = (ir: Ir): string => (ir.kind === 'choice' ? `(?:${written(ir)})` : written(ir));

/** In JavaScript's syntax. */
function written(ir: Ir): string {
  switch (ir.kind) {
    case 'set':
      return ir.source;
    case 'sequence':
      return ir.parts.map(writtenPart).join('');
    case 'choice':
      return ir.options.map(written).join('|');
    case 'repeat': {
      const body = ir.body.kind === 'set' ? ir.body.source : `(?:${written(ir.body)})`;
      return `${body}{${ir.least},${ir.most === Infinity ? '' : ir.most}}${ir.lazy ? '?' : ''}`;
    }
    case 'look':
      return `(?${ir.behind ? '<' : ''}${ir.negate ? '!' : '='}${written(ir.body)})`;
    case 'place':
      return ir.negate ? `(?!${PLACES[ir.place]})` : PLACES[ir.place];
    case 'atomic':
      // Only in the name of a prefix: such alternatives are not let through.
      return `(?>${written(ir.body)})`;
  }
}
