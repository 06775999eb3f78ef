/** What a fuzz target is: hostile input, and one reader of this project that has to survive it. */
import type * as fc from 'fast-check';

/** A folder of the case's own, empty when the case begins. */
export interface Box {
  /** Where the files of the case go. */
  readonly folder: string;
  /** A folder beside it with a file that no reader may reach: see `SECRET`. */
  readonly outside: string;
}

/** What the file outside holds. A reader that gives it back has left its folder. */
export const SECRET = 'ligature-secret-outside';

/** The reading itself: only this is watched. Give back what was read. */
export type Reading = () => unknown;

export interface TargetSpec<Input> {
  readonly name: string;
  /** What is read, in a few words. */
  readonly reads: string;
  readonly input: fc.Arbitrary<Input>;
  /** Puts the input in place and returns the reading of it. */
  prepare(input: Input, box: Box): Reading | Promise<Reading>;
  /** Writing below this subfolder of the box is the reader's right. */
  readonly writes?: string;
  /** Nothing is refused: what is damaged is made anew. */
  readonly mends?: true;
}

/** A target whose kind of input only it knows. */
export type Target = TargetSpec<unknown>;

export function defineTarget<Input>(spec: TargetSpec<Input>): Target {
  return spec as TargetSpec<never> as Target;
}

/** A rule that a reader broke. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
