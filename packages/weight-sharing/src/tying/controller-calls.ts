/**
 * Calls into a controller: one at a time, within a time limit, each failure an error that names the controller, the
 * call and the window. Waiting for an answer is timed here; code that does not return is ended by the plug-in host, as far as
 * its platform can.
 */
import { ContractError, PluginError, thrownText } from '@ligature/core';

export interface Call {
  readonly name: 'decide' | 'learn';
  readonly window: number;
  /** What it is asked or told, for messages. */
  readonly asked: string;
}

/** An answer that came when nobody waited for it any more. */
export interface LateAnswer {
  readonly call: Call;
  readonly code: string;
  readonly message: string;
}

/** The longest that a timer can wait; a longer limit is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How V8 words the writing to frozen objects. */
const MUTATION = /^TypeError: Cannot (assign to read only property|(add|define|delete|redefine) property)/;

const MEND = 'Mend the plug-in, or let tying.onMisbehaviour be keep-map to go on without its answer';

export class ControllerCalls {
  /** Ran out of time, and has not answered since. */
  #unanswered: Call | undefined;
  #late: LateAnswer[] = [];
  #stopWaiting: (() => void) | undefined;

  /** @param timeoutSeconds how long an answer may take; `null`: for ever */
  constructor(private readonly timeoutSeconds: number | null) {}

  /**
   * @throws ContractError (`controller-threw`, `controller-mutated`, `controller-late`, `controller-busy`; for `learn`
   *   `controller-learn-threw` and so on)
   */
  async make<T>(call: Call, run: () => T | Promise<T>): Promise<T> {
    if (this.#unanswered) {
      const found = `it has not answered the call of window ${this.#unanswered.window} yet, and calls never overlap`;
      throw failure(call, 'busy', found);
    }
    let answer: T | Promise<T>;
    try {
      answer = run();
      if (!isThenable(answer)) return answer;
    } catch (error) {
      throw thrown(call, error);
    }
    return this.#wait(call, Promise.resolve(answer));
  }

  /** A call of what must answer at once: nothing is awaited. @throws ContractError (`controller-threw`, …) */
  makeNow(call: Call, run: () => unknown): unknown {
    try {
      return run();
    } catch (error) {
      throw thrown(call, error);
    }
  }

  /** Answers that came late since this was last called, oldest first. They have no effect but this note. */
  takeLate(): readonly LateAnswer[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /** Ends the call that is being waited for, if any, with an error (`controller-abandoned`), and its timer. */
  abandon(): void {
    this.#stopWaiting?.();
  }

  /**
   * The timer is a referenced one: while nothing but this answer is awaited, it alone keeps the process from ending
   * without a word. It is gone as soon as there is an answer.
   */
  #wait<T>(call: Call, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let waiting = true;
      const end = (): void => {
        waiting = false;
        clearTimeout(timer);
        this.#stopWaiting = undefined;
      };
      const giveUp = (error: ContractError): void => {
        end();
        this.#unanswered = call;
        reject(error);
      };
      const seconds = this.timeoutSeconds ?? Infinity;
      const timer =
        seconds * 1000 <= MAX_TIMER_MS
          ? setTimeout(() => giveUp(tooLate(call, seconds)), seconds * 1000)
          : undefined;
      this.#stopWaiting = () => giveUp(failure(call, 'abandoned', 'the run ended while it was busy'));
      answer.then(
        (value) => {
          if (!waiting) return this.#noteLate(call, 'it answered');
          end();
          resolve(value);
        },
        (error: unknown) => {
          if (!waiting) return this.#noteLate(call, `it threw ${thrownText(error)}`);
          end();
          reject(thrown(call, error));
        },
      );
    });
  }

  #noteLate(call: Call, what: string): void {
    this.#unanswered = undefined;
    const { code, message } = failure(call, 'answered-late', `${what} when its time was over; it is ignored`);
    this.#late.push({ call, code, message });
  }
}

function failure(
  call: Call,
  what: string,
  found: string,
  options: { todo?: string; cause?: unknown } = {},
): ContractError {
  const code = `controller-${call.name === 'learn' ? 'learn-' : ''}${what}`;
  const { todo = MEND, cause } = options;
  return new ContractError(code, { asked: call.asked, found, todo }, { cause });
}

function tooLate(call: Call, seconds: number): ContractError {
  return failure(call, 'late', `it gave no answer within ${seconds} s`, {
    todo: `${MEND}, or raise tying.timeoutSeconds`,
  });
}

function thrown(call: Call, error: unknown): ContractError {
  // How the call ended is known already; here it gets the name of its window.
  if (error instanceof PluginError) {
    const { found, todo } = error.parts;
    return failure(call, error.fault, found, { todo, cause: error });
  }
  const mutated = MUTATION.test(thrownText(error));
  return mutated
    ? failure(
        call,
        'mutated',
        `it tried to change what it was given, which is frozen (${thrownText(error)})`,
        {
          todo: 'Copy what is to be changed',
          cause: error,
        },
      )
    : failure(call, 'threw', `it threw ${thrownText(error)}`, { cause: error });
}

const isThenable = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function';
