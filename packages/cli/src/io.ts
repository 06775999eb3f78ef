/** Everything the command needs from its surroundings, so that a test can stand in for a terminal. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Executor, ExecutorContext } from '@ligature/core';
import type { LateFailures } from '@ligature/core/node';
import type { Ending } from './system/ending.js';

export interface OutputStream {
  /** A text for people or of JSON: of what would act on a terminal our own colours are kept, and line breaks. */
  write(text: string): unknown;
  /** Characters as they are: of a picture on a terminal, or into a file. Left out: there is nothing that `write` would change. */
  raw?(text: string): unknown;
  /** Its reader has gone away: what is written is lost, and nobody misses it. */
  readonly closed?: boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Requests to end: Ctrl-C, somebody's or the system's, the terminal's that is closed. */
export const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Interrupt = (typeof INTERRUPTS)[number];

export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths are resolved against this folder. */
  readonly cwd: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Hands over the lines that plug-ins print in this process; returns a function that stops listening. Left out: they go where they will. */
  readonly onPrinted?: (listener: (line: string) => void) => () => void;
  /** Calls back on Ctrl-C and on a request to end; returns a function that stops listening. */
  readonly onInterrupt: (callback: (signal: Interrupt) => void) => () => void;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
  /** What fails when nobody waits for it any more; left out: Node ends the process. */
  readonly lateFailures?: LateFailures;
  /** Carries out the trials of studies, in place of the one that the command line names. */
  readonly executor?: (context: ExecutorContext) => Executor;
}

/**
 * @param streams left out: those of the process, shared with whoever else writes there
 * @param ending of a process that is the command's own: what blocks it is ended by the second signal, too
 */
export function processIo(
  streams: Pick<Io, 'stdout' | 'stderr' | 'onPrinted'> = { stdout: process.stdout, stderr: process.stderr },
  ending?: Ending,
): Io {
  return {
    ...streams,
    env: process.env,
    cwd: process.cwd(),
    now: () => performance.now(),
    onInterrupt: (callback) => {
      const watch = ending?.watchSignals();
      const listener = (signal: NodeJS.Signals): void => {
        watch?.heard();
        callback(signal as Interrupt);
      };
      for (const signal of INTERRUPTS) process.on(signal, listener);
      return () => {
        watch?.stop();
        for (const signal of INTERRUPTS) process.off(signal, listener);
      };
    },
    exit: (status) => (ending ? ending.leave(status) : process.exit(status)),
    ...(ending && { lateFailures: ending.lateFailures }),
  };
}

/** Where tokenizers and token ids are kept between runs; safe to delete at any time. */
export function cacheFolder({ env }: Pick<Io, 'env'>): string {
  if (env['LIGATURE_CACHE']) return env['LIGATURE_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ligature');
}
