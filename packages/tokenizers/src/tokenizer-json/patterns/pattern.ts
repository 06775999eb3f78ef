/** The patterns of `Split` and `Replace`: where in a text they match. */
import { z } from 'zod';
import { invalid, unsupported } from '../refuse.js';
import { Untranslatable } from './classes.js';
import { lengths, type Ir } from './ir.js';
import { Program } from './machine.js';
import { readPattern } from './read.js';
import { swiftPattern } from './swift.js';

export const patternSchema = z.union([
  z.looseObject({ String: z.string() }),
  z.looseObject({ Regex: z.string() }),
]);

/** Start and end of every match in turn, in UTF-16 units: `[start, end, start, end, …]`. */
export type Finder = (text: string) => number[];

export interface Pattern {
  readonly find: Finder;
  /** Whether it can match no character at all. */
  readonly canBeEmpty: boolean;
}

/** @throws InputError that names the field, if what the pattern says cannot be done as Hugging Face does it */
export function buildPattern(pattern: z.output<typeof patternSchema>, field: string): Pattern {
  if ('String' in pattern) {
    const text = pattern.String as string;
    if (text === '') invalid(`${field}.String`, 'is empty');
    return { find: (whole) => findText(whole, text), canBeEmpty: false };
  }
  const source = pattern['Regex'] as string;
  try {
    const ir = readPattern(source);
    return { find: finderOf(ir), canBeEmpty: lengths(ir).least === 0 };
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    return unsupported(`${field}.Regex`, error.message, source, error);
  }
}

export function finderOf(ir: Ir): Finder {
  const swift = swiftPattern(ir);
  if (swift) return (text) => findWith(swift, text);
  const program = new Program(ir);
  return (text) => findSteadily(program, text);
}

function findText(whole: string, text: string): number[] {
  const found: number[] = [];
  for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + text.length)) {
    found.push(at, at + text.length);
  }
  return found;
}

/**
 * All matches of a global pattern. The next search starts where a match has ended; an empty match there does not
 * count, as in Oniguruma.
 */
export function findWith(pattern: RegExp, text: string): number[] {
  const found: number[] = [];
  let from = 0;
  let lastEnd = -1;
  while (from <= text.length) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match === null) break;
    const end = match.index + match[0].length;
    if (end === match.index && end === lastEnd) {
      from = after(text, from);
      continue;
    }
    found.push(match.index, end);
    from = end;
    lastEnd = end;
  }
  return found;
}

function findSteadily(program: Program, text: string): number[] {
  const found: number[] = [];
  program.start(text);
  let lastEnd = -1;
  for (let at = 0; at <= text.length;) {
    const end = program.run(at);
    if (end < 0 || (end === at && end === lastEnd)) {
      at = after(text, at);
      continue;
    }
    found.push(at, end);
    at = end;
    lastEnd = end;
    program.forget(at);
  }
  // Nothing of the text is kept.
  program.start('');
  return found;
}

const after = (text: string, at: number): number => at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
