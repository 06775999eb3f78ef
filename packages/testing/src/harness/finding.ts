/** How a check says what it found. Anything else that is thrown is a mistake of the check itself. */

/** A rule is broken. */
export class Finding extends Error {
  /**
   * @param found what was seen, as the end of a sentence: `decide threw Error: boom`
   * @param rule id of the rule that is broken; left out: the one that is being checked
   */
  constructor(
    readonly found: string,
    readonly rule?: string,
    options?: { cause?: unknown },
  ) {
    super(found, options);
    this.name = 'Finding';
  }
}

/** A rule has no meaning for what is checked: a learning rule for a controller that does not learn. */
export class NotApplicable extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'NotApplicable';
  }
}

export function broken(found: string): never {
  throw new Finding(found);
}

export function notApplicable(reason: string): never {
  throw new NotApplicable(reason);
}
