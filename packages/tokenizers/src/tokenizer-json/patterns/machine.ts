/**
 * Backtracking with a memory of what has failed: it finds the matches that a backtracking engine finds, in time
 * linear in the text for every pattern, look-around included (Davis et al. 2021, "Using selective memoization to
 * defeat regular expression denial of service"). Without back references, whether the rest of a pattern matches
 * from a place depends on nothing else; the memory is therefore kept from one search to the next.
 */
import { Untranslatable, WORD } from './classes.js';
import { lengths, type Ir, type Place } from './ir.js';

const enum Op {
  Set,
  Split,
  Jump,
  Look,
  Atomic,
  Place,
  Match,
}

type Step =
  | { readonly op: Op.Set; readonly holds: CharacterTest }
  /** Goes on at both places, at the first of them first. `memo` is its number among the splits. */
  | { readonly op: Op.Split; first: number; second: number; readonly memo: number }
  | { readonly op: Op.Jump; to: number }
  | {
      readonly op: Op.Look;
      readonly program: Program;
      readonly negate: boolean;
      /** How many characters back it may start; 0 to 0 for a look ahead. */
      readonly behind: readonly [number, number] | undefined;
    }
  | { readonly op: Op.Atomic; readonly program: Program }
  | { readonly op: Op.Place; readonly place: Place; readonly negate: boolean }
  | { readonly op: Op.Match };

type CharacterTest = (codePoint: number) => boolean;

/** A pattern is written out for counted repetitions; beyond this, each character could cost too much. */
const MOST_STEPS = 400;
const PAGE = 1 << 12;
const MOST_SUCCESSES = 1 << 20;

/** A test of a class that remembers its answers for the first plane. */
function testOf(source: string): CharacterTest {
  const pattern = new RegExp(source, 'v');
  const known = new Uint8Array(0x10000);
  return (codePoint) => {
    if (codePoint > 0xffff) return pattern.test(String.fromCodePoint(codePoint));
    const answer = known[codePoint];
    if (answer) return answer === 1;
    const holds = pattern.test(String.fromCodePoint(codePoint));
    known[codePoint] = holds ? 1 : 2;
    return holds;
  };
}

const isWord = testOf(WORD);

/** What can be run: steps, and which of them have been seen to fail at which places of the present text. */
export class Program {
  readonly steps: Step[] = [];
  private splits = 0;
  private text = '';
  private readonly failed = new Map<number, Uint32Array>();
  /** Of an atomic group or a look ahead: where it ends from a place, or from a split at a place. */
  private readonly ends = new Map<number, number>();
  private readonly successes = new Map<number, number>();

  /** Of a look-behind: the search in which a split was last at a place, counted from the search's start. */
  private readonly seen: Uint32Array;
  private search = 0;
  private base = 0;

  /** @param span most characters that a look-behind spans; 0 for everything else */
  constructor(ir: Ir, span = 0) {
    this.write(ir);
    this.steps.push({ op: Op.Match });
    this.seen = new Uint32Array(span === 0 ? 0 : (2 * span + 1) * this.splits);
  }

  /** Forgets what was found in another text. */
  start(text: string): void {
    this.text = text;
    this.failed.clear();
    this.ends.clear();
    this.successes.clear();
    for (const step of this.steps) if (step.op === Op.Look || step.op === Op.Atomic) step.program.start(text);
  }

  /** Forgets what lies before a place to which no search returns. */
  forget(before: number): void {
    for (const page of this.failed.keys()) if ((page + 1) * PAGE <= before) this.failed.delete(page);
    if (this.ends.size > PAGE) this.ends.clear();
    if (this.successes.size > MOST_SUCCESSES) this.successes.clear();
    for (const step of this.steps) {
      if (step.op === Op.Look || step.op === Op.Atomic) step.program.forget(before);
    }
  }

  /** Whether a match that starts at `start` can end at `target`. */
  reaches(start: number, target: number): boolean {
    // What fails to reach one place may reach another: nothing is remembered.
    this.search += 1;
    this.base = start;
    return this.run(start, target) >= 0;
  }

  /** Where the match of an atomic group or a look ahead that starts at `at` ends; -1 if there is none. */
  end(at: number): number {
    const seen = this.ends.get(at);
    if (seen !== undefined) return seen;
    const end = this.run(at, -1, true);
    this.ends.set(at, end);
    return end;
  }

  /**
   * Where the match that starts at `start` ends; -1 if there is none.
   *
   * @param target where it has to end, if that is not free
   * @param again whether other searches will come to places before this match's end
   */
  run(start: number, target = -1, again = false): number {
    const { steps, text } = this;
    // States to try next, as triples of step, place and the split from which it comes.
    const open: number[] = [0, start, -1];
    // The splits that were tried, as triples of number, place and the one before it.
    const path: number[] = [];
    while (open.length > 0) {
      let from = open.pop() as number;
      let at = open.pop() as number;
      let pc = open.pop() as number;
      for (let alive = true; alive;) {
        const step = steps[pc] as Step;
        pc += 1;
        switch (step.op) {
          case Op.Set: {
            const code = text.codePointAt(at);
            alive = code !== undefined && step.holds(code);
            at += code !== undefined && code > 0xffff ? 2 : 1;
            break;
          }
          case Op.Jump:
            pc = step.to;
            break;
          case Op.Split: {
            const end = again ? this.successes.get(at * this.splits + step.memo) : undefined;
            if (end !== undefined) return this.succeed(path, from, end, again);
            alive = this.mark(step.memo, at);
            if (!alive) break;
            path.push(step.memo, at, from);
            from = path.length - 3;
            open.push(step.second, at, from);
            pc = step.first;
            break;
          }
          case Op.Place:
            alive = holdsAt(text, at, step.place) !== step.negate;
            break;
          case Op.Look:
            alive = looks(step, text, at) !== step.negate;
            break;
          case Op.Atomic:
            at = step.program.end(at);
            alive = at >= 0;
            break;
          case Op.Match:
            alive = target < 0 || at === target;
            if (alive) return this.succeed(path, from, at, again);
            break;
        }
      }
    }
    return -1;
  }

  /** What led to a match has not failed: it is forgotten, or remembered with where it leads. */
  private succeed(path: readonly number[], last: number, end: number, again: boolean): number {
    for (let link = last; link >= 0; link = path[link + 2] as number) {
      const memo = path[link] as number;
      const at = path[link + 1] as number;
      if (again) this.successes.set(at * this.splits + memo, end);
      else this.unmark(memo, at);
    }
    return end;
  }

  /** @returns whether this split had not yet been at this place */
  private mark(memo: number, at: number): boolean {
    if (this.search > 0) {
      const index = (at - this.base) * this.splits + memo;
      if (this.seen[index] === this.search) return false;
      this.seen[index] = this.search;
      return true;
    }
    const page = Math.floor(at / PAGE);
    let bits = this.failed.get(page);
    if (!bits) this.failed.set(page, (bits = new Uint32Array((PAGE * this.splits + 31) >>> 5)));
    const bit = (at % PAGE) * this.splits + memo;
    const mask = 1 << (bit & 31);
    const word = bits[bit >>> 5] as number;
    if ((word & mask) !== 0) return false;
    bits[bit >>> 5] = word | mask;
    return true;
  }

  private unmark(memo: number, at: number): void {
    if (this.search > 0) return;
    const bits = this.failed.get(Math.floor(at / PAGE)) as Uint32Array;
    const bit = (at % PAGE) * this.splits + memo;
    bits[bit >>> 5] = (bits[bit >>> 5] as number) & ~(1 << (bit & 31));
  }

  private write(ir: Ir): void {
    if (this.steps.length > MOST_STEPS)
      throw new Untranslatable(`it has more than ${MOST_STEPS} steps when written out`);
    switch (ir.kind) {
      case 'set':
        this.steps.push({ op: Op.Set, holds: testOf(ir.source) });
        break;
      case 'sequence':
        for (const part of ir.parts) this.write(part);
        break;
      case 'choice':
        this.writeChoice(ir.options);
        break;
      case 'repeat':
        this.writeRepeat(ir);
        break;
      case 'look': {
        const { least, most } = lengths(ir.body);
        this.steps.push({
          op: Op.Look,
          program: new Program(ir.body, ir.behind ? Math.max(1, most) : 0),
          negate: ir.negate,
          behind: ir.behind ? [least, most] : undefined,
        });
        break;
      }
      case 'atomic':
        this.steps.push({ op: Op.Atomic, program: new Program(ir.body) });
        break;
      case 'place':
        this.steps.push({ op: Op.Place, place: ir.place, negate: ir.negate });
        break;
    }
  }

  private split(): Extract<Step, { op: Op.Split }> {
    const step = { op: Op.Split as const, first: this.steps.length + 1, second: -1, memo: this.splits++ };
    this.steps.push(step);
    return step;
  }

  private writeChoice(options: readonly Ir[]): void {
    const exits: { op: Op.Jump; to: number }[] = [];
    options.forEach((option, index) => {
      if (index === options.length - 1) return this.write(option);
      const split = this.split();
      this.write(option);
      const exit = { op: Op.Jump as const, to: -1 };
      exits.push(exit);
      this.steps.push(exit);
      split.second = this.steps.length;
    });
    for (const exit of exits) exit.to = this.steps.length;
  }

  private writeRepeat({ least, most, lazy, body }: Extract<Ir, { kind: 'repeat' }>): void {
    for (let count = 0; count < least; count += 1) this.write(body);
    const exits: Extract<Step, { op: Op.Split }>[] = [];
    const enter = (): Extract<Step, { op: Op.Split }> => {
      const split = this.split();
      exits.push(split);
      return split;
    };
    if (most === Infinity) {
      const loop = this.steps.length;
      enter();
      this.write(body);
      this.steps.push({ op: Op.Jump, to: loop });
    } else {
      for (let count = least; count < most; count += 1) {
        enter();
        this.write(body);
      }
    }
    for (const split of exits) {
      split.second = this.steps.length;
      if (lazy) [split.first, split.second] = [split.second, split.first];
    }
  }
}

function looks({ program, behind }: Extract<Step, { op: Op.Look }>, text: string, at: number): boolean {
  if (!behind) return program.end(at) >= 0;
  const [least, most] = behind;
  let start = at;
  for (let back = 0; back <= most; back += 1) {
    if (back >= least && program.reaches(start, at)) return true;
    if (start === 0) return false;
    start -= 1;
    const code = text.charCodeAt(start);
    if (code >= 0xdc00 && code <= 0xdfff && start > 0) start -= 1;
  }
  return false;
}

/** Whether a place is what an anchor asks for: lines end at a line feed only, as in Oniguruma. */
function holdsAt(text: string, at: number, place: Place): boolean {
  switch (place) {
    case 'line_start':
      return at === 0 || (text[at - 1] === '\n' && at < text.length);
    case 'line_end':
      return at === text.length || text[at] === '\n';
    case 'string_start':
      return at === 0;
    case 'string_end':
      return at === text.length;
    case 'string_end_newline':
      return at === text.length || (at === text.length - 1 && text[at] === '\n');
    case 'word_boundary':
      return wordAt(text, at) !== wordBefore(text, at);
  }
}

const wordAt = (text: string, at: number): boolean =>
  at < text.length && isWord(text.codePointAt(at) as number);

function wordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const low = text.charCodeAt(at - 1);
  const start = low >= 0xdc00 && low <= 0xdfff && at > 1 ? at - 2 : at - 1;
  return isWord(text.codePointAt(start) as number);
}
