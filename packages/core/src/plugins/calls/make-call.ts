/** One call into a plug-in: named, timed, and at an end whatever the plug-in does. */
import type { CallPlatform } from './call-platform.js';
import { namedFailure, tooLate, type PluginCall } from './plugin-call.js';

/** How a call is looked after. */
export interface CallRule {
  /**
   * `quick`: it keeps books, and has to be done within the time limit. `long`: it may read, learn or train for as long as
   * that takes. `hot`: it is called for every batch or token, so that looking at a clock would cost more than it does: it
   * has a name, and no timer.
   */
  readonly pace: 'quick' | 'long' | 'hot';
  /** Whoever calls gives its failures their names, and waits for its answer with a time limit of its own. */
  readonly namedByCaller?: boolean;
  /** Functions of its first argument are work of others: the clock stands still while one of them is at it. */
  readonly lends?: boolean;
}

export interface Caller {
  readonly platform: CallPlatform;
  /** For quick calls; null: for ever. */
  readonly seconds: number | null;
  /** Whether that also holds for what does not return. */
  readonly timed: boolean;
}

/**
 * @throws PluginError (`plugin-threw`, `plugin-late`, `plugin-stuck`), or the plug-in's own error when it is one of
 *   Ligature's or of an engine
 */
export function makeCall(
  call: PluginCall,
  { pace, namedByCaller = false, lends = false }: CallRule,
  { platform, seconds: limit, timed }: Caller,
  args: readonly unknown[],
  work: (args: readonly unknown[]) => unknown,
): unknown {
  if (pace === 'hot') {
    // What is begun in a call that is not timed is not known by it later: that takes an asynchronous context.
    const begin = (): unknown => work(args);
    return named(call, () => (timed ? platform.run(call, null, begin) : platform.hot(call, begin)));
  }
  const seconds = pace === 'quick' ? limit : null;
  const clock = new Clock(namedByCaller ? null : seconds);
  const given = lends ? [lent(args[0], clock, platform), ...args.slice(1)] : args;
  const begin = (): unknown => {
    const answer = platform.run(call, timed ? seconds : null, () => work(given));
    return isThenable(answer) ? Promise.resolve(answer) : new Done(answer);
  };
  const answer = namedByCaller ? begin() : named(call, begin);
  if (answer instanceof Done) return answer.value;
  return new Promise((resolve, reject) => {
    let closed = (): void => undefined;
    const end = (): void => {
      clock.stop();
      closed();
    };
    const giveUp = (error: unknown): void => {
      end();
      reject(error as Error);
    };
    closed = platform.opened({ call, seconds, giveUp });
    clock.start(() => giveUp(tooLate(call, seconds as number)));
    // Of an answer that comes after it was given up nothing is heard any more.
    (answer as Promise<unknown>).then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => giveUp(namedByCaller ? error : namedFailure(call, error)),
    );
  });
}

/** A value that is no promise: one that only looks like a promise must not be taken for one. */
class Done {
  constructor(readonly value: unknown) {}
}

function named<T>(call: PluginCall, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw namedFailure(call, error);
  }
}

const isThenable = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';

/** The longest that a timer can wait; a longer limit is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Its timer is a referenced one: while nothing but the answer is awaited, it alone keeps the process from ending without a
 * word.
 */
class Clock {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ring: (() => void) | undefined;
  #away = 0;

  constructor(private readonly seconds: number | null) {}

  start(ring: () => void): void {
    this.#ring = ring;
    this.#wind();
  }

  stop(): void {
    this.#ring = undefined;
    clearTimeout(this.#timer);
  }

  /** Stands still while the work goes on, and begins anew after it. */
  async without<T>(work: () => T | Promise<T>): Promise<T> {
    this.#away += 1;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#away -= 1;
      this.#wind();
    }
  }

  #wind(): void {
    const ms = (this.seconds ?? Infinity) * 1000;
    if (this.#away === 0 && this.#ring && ms <= MAX_TIMER_MS) this.#timer = setTimeout(this.#ring, ms);
  }
}

/** The same object with functions that are not counted as the plug-in's time. */
function lent(value: unknown, clock: Clock, platform: CallPlatform): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      if (typeof part !== 'function') return [name, part];
      const borrowed = part as (...args: unknown[]) => unknown;
      return [
        name,
        (...args: unknown[]) =>
          clock.without(async () => {
            // Not inside of what the plug-in does before its first `await`, which is timed.
            await Promise.resolve();
            return platform.outside(() => borrowed(...args));
          }),
      ];
    }),
  );
}
