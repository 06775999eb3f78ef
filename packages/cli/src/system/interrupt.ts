/** Ctrl-C: the first one stops cleanly after the step under way, the second one at once. */
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

export function interruptible(io: Io, view: ProgressView): Interruptible {
  const controller = new AbortController();
  let first: Interrupt | undefined;
  const statusOf = (signal: Interrupt): number =>
    signal === 'SIGINT' ? STATUS.interrupted : STATUS.terminated;
  const dispose = io.onInterrupt((signal) => {
    if (first !== undefined) {
      view.end();
      io.exit(statusOf(signal));
      return;
    }
    first = signal;
    view.note('Stopping after this step; Ctrl-C again stops at once.');
    controller.abort();
  });
  return {
    signal: controller.signal,
    interrupt: () => first,
    status: () => (first === undefined ? STATUS.ok : statusOf(first)),
    dispose,
  };
}
