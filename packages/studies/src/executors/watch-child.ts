/**
 * Nobody waits for a process for ever: one that was stopped (SIGSTOP) and does not go on, and one that does not end after
 * it was told to, is killed, with an error that says so. What it saved stays, and a study that goes on takes it up.
 */
import { execFile, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { LigatureError } from '@ligature/core';

export interface Patience {
  /** Milliseconds between two looks at the process. */
  readonly every: number;
  /**
   * Looks. Counted, and not timed: while this process is stopped itself, as all of a terminal are by Ctrl-Z, no patience is
   * lost.
   */
  readonly looks: number;
}

/** A minute: a step of a large model and its checkpoint may take as long. */
const PATIENCE: Patience = { every: 5_000, looks: 12 };

export interface ChildWatch {
  /** It said something. */
  heard(): void;
  /** It was told to end: from now on silence is counted. One that is stopped is let go on, so that it can. */
  endsSoon(): void;
  /** What is to be said of an end that this watch brought about. */
  readonly verdict: LigatureError | undefined;
  /** It is over. */
  dispose(): void;
}

/** @param say tells the user of a process that is stopped, once */
export function watchChild(
  child: Pick<ChildProcess, 'pid' | 'kill'>,
  say: (line: string) => void,
  { every, looks }: Patience = PATIENCE,
  stopsNow: (pid: number) => Promise<boolean> = isStopped,
): ChildWatch {
  const { pid } = child;
  const bound = `${(every * looks) / 1000} s`;
  let verdict: LigatureError | undefined;
  let ending = false;
  let silent = 0;
  let stopped = 0;
  let looking = false;

  const kill = (code: string, found: string): void => {
    verdict = new LigatureError(code, {
      asked: 'Run the trial in a process of its own',
      found,
      todo: 'Go on with `ligature resume`: it was saved at its last checkpoint',
    });
    // Reaches a process that is stopped, too.
    child.kill('SIGKILL');
  };
  const look = async (): Promise<void> => {
    if (pid === undefined || looking || verdict) return;
    looking = true;
    stopped = (await stopsNow(pid)) ? stopped + 1 : 0;
    looking = false;
    silent += ending ? 1 : 0;
    if (stopped === 1) {
      say(
        `process ${pid} of this trial is stopped: it is ended in ${bound}, unless \`kill -CONT ${pid}\` lets it go on`,
      );
    }
    if (stopped > looks)
      kill('trial-stopped', `process ${pid} was stopped (SIGSTOP) and did not go on for ${bound}`);
    else if (silent > looks)
      kill('trial-unresponsive', `process ${pid} was told to end, and did not for ${bound}`);
  };
  const timer = setInterval(() => void look(), every);
  return {
    heard: () => void (silent = 0),
    endsSoon() {
      ending = true;
      child.kill('SIGCONT');
    },
    get verdict() {
      return verdict;
    },
    dispose: () => clearInterval(timer),
  };
}

/** Whether a process is held by SIGSTOP or a debugger. */
async function isStopped(pid: number): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const state = process.platform === 'linux' ? await shownByProc(pid) : await shownByPs(pid);
  return /^T/i.test(state);
}

async function shownByProc(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The state follows the command, which stands in brackets and may hold blanks.
  return stat.slice(stat.lastIndexOf(')') + 2);
}

async function shownByPs(pid: number): Promise<string> {
  const shown = promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)], { timeout: 5_000 });
  return (await shown.catch(() => ({ stdout: '' }))).stdout.trim();
}
