/**
 * The thread that watches the main one. It can do what the main one cannot while code that does not return is at work there:
 * hear a signal, look at a clock, and have the process ended by an error with a name.
 *
 * Its source goes to the thread as text (see `watchdog.ts`), so it uses nothing but what it is given.
 */
import type inspector from 'node:inspector';
import type workerThreads from 'node:worker_threads';

export type ToThread =
  /** An answer is waited for; code of that call that does not return until it is late is the end of the process. */
  | { readonly kind: 'opened'; readonly id: number; readonly ms: number }
  | { readonly kind: 'closed'; readonly id: number }
  /** Signals are listened to; `heard` counts those that the main thread has heard. */
  | {
      readonly kind: 'signals';
      readonly heard: Int32Array;
      readonly statuses: Readonly<Record<number, number>>;
    }
  | { readonly kind: 'no-signals' };

/** What the thread calls in the main one, by the name of a global. */
export interface Watched {
  /** Ends the process with an error if the code that is at work now is that of this call. */
  endIfAt(id: number): void;
  /** Ends the process, at the will of a person. */
  end(status: number): void;
}

export function watchThread(load: NodeJS.Require, global: string): void {
  const { parentPort } = load('node:worker_threads') as typeof workerThreads;
  const { Session } = load('node:inspector') as typeof inspector;
  const { writeSync } = load('node:fs') as { writeSync(descriptor: number, text: string): void };
  /** Late by so much it has not been ended by the clock of the main thread, which is the gentler one. */
  const GRACE_MS = 1000;
  const PATIENCE_MS = 1000;
  /** A terminal that is closed says so more than once. */
  const HANGUP = 1;
  const ONE_HANGUP_MS = 1000;
  const timers = new Map<number, NodeJS.Timeout>();
  let signals: { close(): void }[] = [];

  /**
   * Works also while the main thread is busy, as long as it is busy with JavaScript: what is asked is done in the middle of
   * that. Code cannot be ended there without the process: its asynchronous bookkeeping would be torn.
   */
  function ask(expression: string, then: (value: unknown) => void = () => undefined): void {
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression, returnByValue: true }, (_error, answer) => {
      session.disconnect();
      then(answer?.result.value);
    });
  }
  const watched = `globalThis[Symbol.for(${JSON.stringify(global)})]`;

  function endIfAt(id: number): void {
    // An answer that is there by now, or code of others at work: then this is for the clock of the main thread.
    timers.set(
      id,
      setTimeout(() => endIfAt(id), PATIENCE_MS),
    );
    ask(`${watched}.endIfAt(${id})`);
  }

  function say(text: string): void {
    try {
      writeSync(2, text);
    } catch {
      // Nobody is there to read it.
    }
  }

  function endProcess(status: number): void {
    // Code that is no JavaScript (a system call that does not return) hears nothing.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2 * PATIENCE_MS);
    ask(`${watched}.end(${status})`);
  }

  function listen(heard: Int32Array, statuses: Readonly<Record<number, number>>): void {
    // Node offers signals to the main thread alone; what it does so with is there for every thread.
    process.noDeprecation = true;
    const { Signal } = (process as unknown as { binding(name: string): unknown }).binding('signal_wrap') as {
      Signal: new () => {
        onsignal: (signal: number) => void;
        start(signal: number): number;
        close(): void;
        unref(): void;
      };
    };
    let count = Atomics.load(heard, 0);
    let last = -Infinity;
    for (const [signal, status] of Object.entries(statuses)) {
      const wrap = new Signal();
      wrap.onsignal = () => {
        const before = last;
        last = performance.now();
        if (Number(signal) === HANGUP && last - before < ONE_HANGUP_MS) return;
        count += 1;
        const nth = count;
        const first = nth === 1;
        setTimeout(() => {
          if (Atomics.load(heard, 0) >= nth) return;
          if (!first) endProcess(status);
          else say('\nBusy: stopping as soon as it can be heard; Ctrl-C again stops at once.\n');
        }, PATIENCE_MS);
      };
      wrap.start(Number(signal));
      wrap.unref();
      signals.push(wrap);
    }
  }

  parentPort?.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'opened':
        timers.set(
          message.id,
          setTimeout(() => endIfAt(message.id), message.ms + GRACE_MS),
        );
        break;
      case 'closed':
        clearTimeout(timers.get(message.id));
        timers.delete(message.id);
        break;
      case 'signals':
        try {
          listen(message.heard, message.statuses);
        } catch {
          // A Node without it: signals are heard when the main thread can hear them.
        }
        break;
      case 'no-signals':
        for (const one of signals) one.close();
        signals = [];
    }
  });
}
