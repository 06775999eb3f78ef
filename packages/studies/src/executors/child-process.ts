/**
 * A process for each trial, so that its peak memory is its own and one trial's leftovers cannot slow down the next.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  LigatureError,
  type Executor,
  type ExecutorContext,
  type TrialResult,
  type TrialSignal,
} from '@ligature/core';
import { LineCutter } from '@ligature/core/node';
import { TrialInterrupted } from '../conduct/run-trials.js';
import { inTrialFolder } from './in-folder.js';
import { unpackError, type FromTrial, type LocalOrder, type ToTrial } from './messages.js';
import { watchChild, type ChildWatch, type Patience } from './watch-child.js';

/** Beside this file, in the same form (compiled or source). */
const PROGRAM = new URL(`./program${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export function childProcess({ store, cwd, cacheFolder, program = PROGRAM }: ExecutorContext): Executor {
  return {
    run: (order, on, stop) =>
      inTrialFolder(store, order, (folder, from) =>
        inChild({ order, folder, from, cwd, cacheFolder }, on, stop, program),
      ),
  };
}

/** @param patience with a process that does not move, or does not end; left out: a minute */
export async function inChild(
  order: LocalOrder,
  on: (signal: TrialSignal) => void,
  signal: AbortSignal,
  program: URL,
  patience?: Patience,
): Promise<TrialResult> {
  // An abort that has been is not told again.
  if (signal.aborted) throw new TrialInterrupted();
  const child = fork(fileURLToPath(program), [], {
    cwd: order.cwd,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tell = (message: ToTrial): void => void (child.connected && child.send(message));
  const watch = watchChild(child, (line) => on({ kind: 'printed', line }), patience);
  const stop = (): void => {
    tell({ kind: 'stop' });
    watch.endsSoon();
  };
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  // Whatever ends this process, the trial does not outlive it.
  process.once('exit', kill);
  relayLines(child, (line) => on({ kind: 'printed', line }));
  tell({ kind: 'run', order });
  try {
    return await outcomeOf(child, on, watch);
  } finally {
    watch.dispose();
    signal.removeEventListener('abort', stop);
    process.off('exit', kill);
  }
}

function outcomeOf(
  child: ChildProcess,
  on: (signal: TrialSignal) => void,
  watch: ChildWatch,
): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    child.on('message', (message: FromTrial) => {
      watch.heard();
      if (message.kind === 'signal') on(message.signal);
      else if (message.kind === 'done') outcome = () => resolve(message.result);
      else outcome = () => reject(unpackError(message.error));
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (outcome) outcome();
      else reject(watch.verdict ?? died(status, signal));
    });
  });
}

function died(status: number | null, signal: NodeJS.Signals | null): LigatureError {
  // Ctrl-C reaches every process of the terminal, this one before it could see to it: nothing was begun.
  if (signal === 'SIGINT') return new TrialInterrupted();
  return new LigatureError('trial-died', {
    asked: 'Run the trial in a process of its own',
    found: signal ? `it was ended by ${signal}` : `it ended with status ${status} and no result`,
    todo:
      signal === 'SIGKILL'
        ? 'If memory ran out, try a smaller --batch or --context'
        : 'See what it printed above; a plug-in may have ended it',
  });
}

function relayLines({ stdout, stderr }: ChildProcess, print: (line: string) => void): void {
  for (const stream of [stdout, stderr]) {
    const cutter = new LineCutter(print);
    stream?.on('data', (bytes: Buffer) => cutter.write(bytes));
    stream?.on('end', () => cutter.end());
  }
}
