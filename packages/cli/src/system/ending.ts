/**
 * The end of the command's process: it comes when the command says so, neither earlier (a plug-in that calls `process.exit`)
 * nor later (a plug-in that leaves a timer).
 */
import { catchLateFailures, pluginGuard, type LateFailures, type SignalWatch } from '@ligature/core/node';
import { STATUS } from '../errors.js';

export interface Ending {
  readonly lateFailures: LateFailures;
  /** Ends the process at the second signal that it is too busy to hear; while nobody listens, the first one does. */
  readonly watchSignals: () => SignalWatch;
  /** Ends the process at once. */
  readonly leave: (status: number) => never;
  /** Ends it when all that was written is on its way. */
  readonly finish: (status: number) => Promise<never>;
}

/** @param report prints an error, synchronously; returns the exit status */
export function watchEnding(report: (error: unknown) => number): Ending {
  let isExpected = false;
  const leave = (status: number): never => {
    isExpected = true;
    process.exit(status);
  };
  pluginGuard.watchExit({ isExpected: () => isExpected, report });
  return {
    leave,
    watchSignals: () =>
      pluginGuard.watchSignals({
        SIGINT: STATUS.interrupted,
        SIGTERM: STATUS.terminated,
        SIGHUP: STATUS.hungUp,
      }),
    async finish(status) {
      // Pipes are written when their readers take it.
      for (const stream of [process.stdout, process.stderr]) {
        while (stream.writableLength > 0 && stream.writable) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      return leave(status);
    },
    lateFailures: catchLateFailures((error) => leave(report(error))),
  };
}
