/** Everything the command needs from its surroundings, so that a test can stand in for a terminal. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Executor, ExecutorContext } from '@ligature/core';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export type Interrupt = 'SIGINT' | 'SIGTERM';

export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths are resolved against this folder. */
  readonly cwd: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back on Ctrl-C and on a request to end; returns a function that stops listening. */
  readonly onInterrupt: (callback: (signal: Interrupt) => void) => () => void;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
  /** Carries out the trials of studies, in place of the one that the command line names. */
  readonly executor?: (context: ExecutorContext) => Executor;
}

export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => performance.now(),
    onInterrupt: (callback) => {
      const listener = (signal: NodeJS.Signals): void => callback(signal as Interrupt);
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
    },
    exit: (status) => process.exit(status),
  };
}

/** Where tokenizers and token ids are kept between runs; safe to delete at any time. */
export function cacheFolder({ env }: Pick<Io, 'env'>): string {
  if (env['LIGATURE_CACHE']) return env['LIGATURE_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ligature');
}
