/**
 * The one error base of the project. Every message says what was asked, what was found and what to do,
 * and every error carries a stable `code` for programs and tests.
 */

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
    super(`${parts.asked}: ${parts.found}. ${parts.todo}`, options);
    this.name = new.target.name;
    this.code = code;
    this.parts = parts;
  }
}

/** The caller's input is wrong (a name, a value, a file): the command exits with status 2. */
export class InputError extends LigatureError {}

/** The program or a plug-in broke a rule of its own: the command exits with status 1. */
export class ContractError extends LigatureError {}
