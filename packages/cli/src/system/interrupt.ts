/** Ctrl-C and other requests to end: the first one stops cleanly after the step under way, the second one at once. */
import { STATUS } from '../errors.js';
import type { Interrupt, Io } from '../io.js';
import type { ProgressView } from '../progress/view.js';

export interface Interruptible {
  readonly signal: AbortSignal;
  /** What came first, if anything. */
  readonly interrupt: () => Interrupt | undefined;
  /** Exit status that says so. */
  readonly status: () => number;
  readonly dispose: () => void;
}

const STATUS_OF = { SIGINT: STATUS.interrupted, SIGTERM: STATUS.terminated, SIGHUP: STATUS.hungUp } as const;

/** A terminal that is closed says so more than once: the kernel, the shell, and the kernel again when the shell ends. */
const ONE_HANGUP_MS = 1000;

export function interruptible(io: Io, view: ProgressView): Interruptible {
  const controller = new AbortController();
  let first: Interrupt | undefined;
  let at = 0;
  const dispose = io.onInterrupt((signal) => {
    if (first === undefined) {
      first = signal;
      at = io.now();
      const again = signal === 'SIGINT' ? 'Ctrl-C again' : 'another request';
      view.note(`Stopping after this step; ${again} stops at once.`);
      controller.abort();
      return;
    }
    if (signal === 'SIGHUP' && first === 'SIGHUP' && io.now() - at < ONE_HANGUP_MS) return;
    view.end();
    io.exit(STATUS_OF[signal]);
  });
  return {
    signal: controller.signal,
    interrupt: () => first,
    status: () => (first === undefined ? STATUS.ok : STATUS_OF[first]),
    dispose,
  };
}
