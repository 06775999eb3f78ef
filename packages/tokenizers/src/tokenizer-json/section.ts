/**
 * A part of a text on its way to the model, and how it is cut into smaller ones. Of the alignment with the original
 * text only one thing is ever asked: whether a part begins with the text's first character.
 */
export interface Section {
  readonly text: string;
  /** So many of its first UTF-16 units stand for the first character of the text; 0 if none does. */
  readonly head: number;
}

export type Emit = (section: Section) => void;

/** Changes a whole section; it may become empty. */
export type Normalizer = (section: Section) => Section;

/** Cuts a section into parts and changes them. */
export type PreTokenizer = (section: Section, emit: Emit) => void;

export const BEHAVIORS = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type Behavior = (typeof BEHAVIORS)[number];

/** The part of a section from one UTF-16 unit to another. Nothing is emitted for an empty one. */
export function emitPart({ text, head }: Section, start: number, end: number, emit: Emit): void {
  if (end <= start) return;
  if (start === 0 && end === text.length) emit({ text, head });
  else emit({ text: text.slice(start, end), head: Math.max(0, Math.min(head, end) - start) });
}

/**
 * Cuts a section at matches.
 *
 * @param matches start and end of each in turn
 * @param inverted what lies between matches is what to cut at
 */
export function cut(
  section: Section,
  matches: readonly number[],
  behavior: Behavior,
  inverted: boolean,
  emit: Emit,
): void {
  if (behavior === 'Isolated' || behavior === 'Removed') {
    cutApart(section, matches, behavior === 'Removed', inverted, emit);
    return;
  }
  const runs = runsOf(section.text.length, matches, inverted);
  const merged = behavior === 'MergedWithNext' ? mergedBackwards(runs) : mergedForwards(runs, behavior);
  for (const { start, end } of merged) emitPart(section, start, end, emit);
}

/** The usual case, without an object for each run. */
function cutApart(
  section: Section,
  matches: readonly number[],
  removing: boolean,
  inverted: boolean,
  emit: Emit,
): void {
  const keepsMatches = !removing || inverted;
  const keepsRest = !removing || !inverted;
  let last = 0;
  for (let index = 0; index < matches.length; index += 2) {
    const start = matches[index] as number;
    const end = matches[index + 1] as number;
    if (keepsRest) emitPart(section, last, start, emit);
    if (keepsMatches) emitPart(section, start, end, emit);
    last = end;
  }
  if (keepsRest) emitPart(section, last, section.text.length, emit);
}

interface Run {
  start: number;
  end: number;
  readonly isMatch: boolean;
}

/** Matches and what lies between them, in order. */
function runsOf(length: number, matches: readonly number[], inverted: boolean): Run[] {
  const runs: Run[] = [];
  let last = 0;
  for (let index = 0; index < matches.length; index += 2) {
    const start = matches[index] as number;
    const end = matches[index + 1] as number;
    if (last !== start) runs.push({ start: last, end: start, isMatch: inverted });
    runs.push({ start, end, isMatch: !inverted });
    last = end;
  }
  if (last !== length) runs.push({ start: last, end: length, isMatch: inverted });
  return runs;
}

function mergedForwards(runs: readonly Run[], behavior: 'Contiguous' | 'MergedWithPrevious'): Run[] {
  const merged: Run[] = [];
  let previous = false;
  for (const run of runs) {
    const joins = behavior === 'Contiguous' ? run.isMatch === previous : run.isMatch && !previous;
    const last = merged.at(-1);
    if (joins && last) last.end = run.end;
    else merged.push({ ...run });
    previous = run.isMatch;
  }
  return merged;
}

function mergedBackwards(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  let previous = false;
  for (const run of runs.toReversed()) {
    const last = merged.at(-1);
    if (run.isMatch && !previous && last) last.start = run.start;
    else merged.push({ ...run });
    previous = run.isMatch;
  }
  return merged.reverse();
}

/** Puts a text before a section; both then begin where the section began. */
export const prepended = ({ text, head }: Section, before: string): Section => ({
  text: before + text,
  head: head > 0 ? head + before.length : 0,
});

/** A normalizer that changes each character by itself. */
export const eachCharacter =
  (change: (text: string) => string): Normalizer =>
  ({ text, head }) => ({ text: change(text), head: head === 0 ? 0 : change(text.slice(0, head)).length });

/** Without the first and last so many units. */
export const trimmed = ({ text, head }: Section, start: number, end: number): Section => ({
  text: text.slice(start, end),
  head: Math.max(0, Math.min(head, end) - start),
});
