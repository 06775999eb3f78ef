/** What a plug-in is given: a copy that it could change, and a look afterwards whether it did. */
import { Finding } from './finding.js';
import { difference } from './show.js';

/** The rule that a plug-in which changes what it was given breaks. */
export const INPUTS_UNTOUCHED = 'inputs-untouched';

/** A deep copy of plain data, for a plug-in to be given. */
export class Lent<T> {
  readonly copy: T;

  constructor(
    private readonly what: string,
    private readonly original: T,
  ) {
    this.copy = structuredClone(original);
  }

  /** @throws Finding when the copy is not what it was */
  assertUntouched(): void {
    const found = difference(this.original, this.copy, ['at first', 'afterwards']);
    if (found !== undefined) throw new Finding(`it changed ${this.what}: ${found}`, INPUTS_UNTOUCHED);
  }
}
