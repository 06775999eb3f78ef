/**
 * What Node does for calls into plug-ins: code that does not return is ended, promises that nothing can settle any more are
 * found, and whatever fails or ends the process later is known by the call that it came from.
 *
 * There is one for the process, as its exit, its signals and its thread are one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
// eslint-disable-next-line no-restricted-imports -- standard error, from inside of code that does not return
import { closeSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Script } from 'node:vm';
import type { CallPlatform, OpenCall } from '../../plugins/calls/call-platform.js';
import { ContractError, type LigatureError } from '../../errors.js';
import { isOurs } from '../../thrown.js';
import { callText, PluginError, stuck, tooLate, type PluginCall } from '../../plugins/calls/plugin-call.js';
import { lazyWatchdog } from './watchdog.js';

/** Longer is no limit. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const WORK = Symbol.for('@ligature/core/timed-work');
const script = new Script(`globalThis[Symbol.for(${JSON.stringify(WORK.description)})]()`);

/** An error's. */
const STATUS_FAILED = 1;

export interface ExitWatch {
  /** Whether whoever may end the process has said so. */
  isExpected(): boolean;
  /** Told synchronously: the process ends when it returns. */
  report(error: LigatureError): void;
}

export interface SignalWatch {
  /** To be called for each signal that the main thread hears. */
  heard(): void;
  stop(): void;
}

class PluginGuard implements CallPlatform {
  readonly #calls = new AsyncLocalStorage<PluginCall | undefined>();
  /** What is at work without an asynchronous context of its own. */
  #hot: PluginCall | undefined;
  readonly #open = new Map<number, OpenCall & { readonly within: PluginCall | undefined }>();
  #opened = 0;
  #ending: { readonly error: PluginError | undefined } | undefined;
  #listens = false;
  #exit: ExitWatch | undefined;
  readonly #tellThread = lazyWatchdog({
    endIfAt: (id) => {
      const open = this.#open.get(id);
      if (open && open.call === this.executing()) {
        this.#end(tooLate(open.call, open.seconds as number), STATUS_FAILED);
      }
    },
    end: (status) => {
      const call = this.executing();
      say(`\nEnded at once, ${call ? `in the middle of ${callText(call)}` : 'busy as it was'}.\n`);
      this.#end(undefined, status);
    },
  });

  /** The call whose code is at work now, also what it left in timers and promises. */
  executing(): PluginCall | undefined {
    return this.#hot ?? this.#calls.getStore();
  }

  run<T>(call: PluginCall, seconds: number | null, work: () => T): T {
    const hot = this.#hot;
    this.#hot = undefined;
    try {
      return this.#calls.run(call, () => (seconds === null ? work() : timed(call, seconds, work)));
    } finally {
      // Code that was ended has left its own behind.
      this.#hot = hot;
    }
  }

  hot<T>(call: PluginCall, work: () => T): T {
    const before = this.#hot;
    this.#hot = call;
    try {
      return work();
    } finally {
      this.#hot = before;
    }
  }

  outside<T>(work: () => T): T {
    return this.#calls.run(undefined, work);
  }

  opened(open: OpenCall): () => void {
    const id = ++this.#opened;
    this.#open.set(id, { ...open, within: this.executing() });
    if (!this.#listens) {
      this.#listens = true;
      // Nothing is left that could settle what is open.
      process.on('beforeExit', () => {
        // One of those that nobody else's work is in; what is still open then has its turn in a moment.
        const open = [...this.#open.values()];
        const innermost = open.findLast(({ call }) => open.every(({ within }) => within !== call));
        innermost?.giveUp(stuck(innermost.call));
      });
    }
    const ms = (open.seconds ?? Infinity) * 1000;
    const isTimed = ms <= MAX_TIMER_MS;
    if (isTimed) this.#tellThread({ kind: 'opened', id, ms });
    return () => {
      if (this.#open.delete(id) && isTimed) this.#tellThread({ kind: 'closed', id });
    };
  }

  /**
   * Names what was thrown when nobody waited for it any more by the call that it came from, and ends the waits for that
   * call. What came from none is said to.
   */
  nameLate(thrown: unknown, words: string): unknown {
    const call = this.executing();
    if (call === undefined) return isOurs(thrown) ? thrown : unheard(thrown, words);
    const error = new PluginError(
      call,
      'failed-later',
      {
        found: `what it had begun failed when nobody waited for it: ${words}`,
        todo: 'Mend the plug-in: await what it begins, and catch what fails in timers',
      },
      { cause: thrown },
    );
    for (const one of this.#open.values()) if (one.call === call) one.giveUp(error);
    return error;
  }

  /**
   * Has something said when the process ends before it was to end. An end by a plug-in is no success: its status is 1.
   */
  watchExit(watch: ExitWatch): void {
    this.#exit = watch;
    process.on('exit', (status) => {
      if (watch.isExpected()) return;
      const error = this.#ended(status);
      if (error === undefined) return;
      process.exitCode = STATUS_FAILED;
      watch.report(error);
    });
  }

  /** What there is to say of an end that nobody expected. */
  #ended(status: number): LigatureError | undefined {
    if (this.#ending !== undefined) return this.#ending.error;
    const call = this.executing();
    if (call) {
      return new PluginError(call, 'exited', {
        found: `it ended the process with status ${status}`,
        todo: 'Mend the plug-in: only the command itself ends the process',
      });
    }
    return new ContractError('process-ended', {
      asked: 'Finish the command',
      found: `something ended the process with status ${status} before it was done`,
      todo: 'Look at the plug-ins: only the command itself ends the process',
    });
  }

  #end(error: PluginError | undefined, status: number): void {
    this.#ending = { error };
    if (error && !this.#exit) say(`${error.message}\n`);
    // A debugger is at work here, and Node would tell people to disconnect it.
    process.on('exit', () => {
      try {
        closeSync(2);
      } catch {
        // A terminal that went away has been given up before.
      }
    });
    process.exit(status);
  }

  /**
   * Ends the process at the second signal that the main thread does not hear.
   *
   * @param statuses the exit status for each signal
   */
  watchSignals(statuses: Readonly<Partial<Record<NodeJS.Signals, number>>>): SignalWatch {
    const heard = new Int32Array(new SharedArrayBuffer(4));
    const numbered = Object.entries(statuses).map(([name, status]) => [
      constants.signals[name as NodeJS.Signals],
      status,
    ]);
    this.#tellThread({
      kind: 'signals',
      heard,
      statuses: Object.fromEntries(numbered) as Record<number, number>,
    });
    return {
      heard: () => void Atomics.add(heard, 0, 1),
      stop: () => this.#tellThread({ kind: 'no-signals' }),
    };
  }
}

/** Does work that is ended after a time: costs a twentieth of a millisecond, which a thread of its own takes to begin. */
function timed<T>(call: PluginCall, seconds: number, work: () => T): T {
  const ms = Math.ceil(seconds * 1000);
  if (ms > MAX_TIMER_MS) return work();
  Object.assign(globalThis, { [WORK]: work });
  try {
    return script.runInThisContext({ timeout: ms, displayErrors: false }) as T;
  } catch (error) {
    throw isTimeout(error) ? tooLate(call, seconds) : error;
  }
}

function isTimeout(error: unknown): boolean {
  try {
    return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  } catch {
    return false;
  }
}

function unheard(thrown: unknown, words: string): ContractError {
  return new ContractError(
    'failed-later',
    {
      asked: 'Finish what was begun in timers and promises',
      found: `it threw ${words} when nobody waited for it`,
      todo: 'This is a mistake in Ligature or in a plug-in; run it again with --verbose for the stack',
    },
    { cause: thrown },
  );
}

function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody is there to read it.
  }
}

export const pluginGuard = new PluginGuard();
