/**
 * The one error base of the project. Every message says what was asked, what was found and what to do,
 * and every error carries a stable `code` for programs and tests.
 */
import { visible } from './visible.js';

export interface ErrorParts {
  /** What the caller wanted, e.g. `Load the dataset "mobby-dick"`. */
  readonly asked: string;
  /** What was there instead, e.g. `no dataset of this name; known: moby-dick, sotu`. */
  readonly found: string;
  /** What to do next, e.g. `Did you mean "moby-dick"?` */
  readonly todo: string;
}

export class LigatureError extends Error {
  readonly code: string;
  readonly parts: ErrorParts;

  constructor(code: string, parts: ErrorParts, options?: { cause?: unknown }) {
    const asked = printable(parts.asked);
    const found = printable(parts.found);
    const todo = printable(parts.todo);
    super(`${asked}: ${found}. ${todo}`, options);
    this.name = new.target.name;
    this.code = code;
    this.parts = { asked, found, todo };
  }
}

const LONGEST = 2000;

/** Names and values in a message may come from a hostile file: nothing that acts, and no more than one reads. */
function printable(text: string): string {
  const left = text.length - LONGEST;
  const half = LONGEST / 2;
  const short = left > 0 ? `${text.slice(0, half)} … ${left} characters … ${text.slice(-half)}` : text;
  return visible(short);
}

/** The caller's input is wrong (a name, a value, a file): the command exits with status 2. */
export class InputError extends LigatureError {}

/** The program or a plug-in broke a rule of its own: the command exits with status 1. */
export class ContractError extends LigatureError {}
