/**
 * Every call into a plug-in goes through here, so that what the plug-in throws is a finding and never takes the
 * check down, and that nobody waits for ever.
 */
import type { Ambient } from './ambient.js';
import { Finding } from './finding.js';
import { showError } from './show.js';

/** The rule that a thing which throws, or never answers, breaks. */
export const PLAYS_THROUGH = 'plays-through';
export const ANSWERS = 'answers';

export class Calls {
  /**
   * @param timeoutSeconds how long an answer may take
   * @param ambient notes what the calls do to the world
   */
  constructor(
    private readonly timeoutSeconds: number,
    private readonly ambient?: Ambient,
  ) {}

  /** The same limits, with somebody watching. */
  watchedBy(ambient: Ambient): Calls {
    return new Calls(this.timeoutSeconds, ambient);
  }

  /** A call whose answer is there at once. @param rule id of the rule that is broken if it throws */
  now<T>(call: string, run: () => T, rule = PLAYS_THROUGH): T {
    try {
      return this.ambient ? this.ambient.run(run) : run();
    } catch (cause) {
      throw cause instanceof Finding
        ? cause
        : new Finding(`${call} threw ${showError(cause)}`, rule, { cause });
    }
  }

  /** A call that may take its time. */
  async wait<T>(call: string, run: () => T | PromiseLike<T>, rule = PLAYS_THROUGH): Promise<T> {
    const answer = this.now(call, run, rule);
    if (!isThenable(answer)) return answer;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const found = `${call} gave no answer within ${this.timeoutSeconds} s`;
        reject(new Finding(found, rule === PLAYS_THROUGH ? ANSWERS : rule));
      }, this.timeoutSeconds * 1000);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (cause) {
      if (cause instanceof Finding) throw cause;
      throw new Finding(`${call} was rejected with ${showError(cause)}`, rule, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

const isThenable = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
