/**
 * Runs a trial in a process of its own, so that its peak memory is its own and one trial's leftovers cannot
 * slow down the next.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LigatureError, parseEvent, type LigatureEvent } from '@ligature/core';
import { TrialInterrupted, type TrialPlan, type TrialResult, type TrialStart } from '@ligature/experiments';
import { unpackError, type FromTrial, type ToTrial } from './messages.js';

export interface TrialHooks extends TrialStart {
  readonly cwd: string;
  readonly cacheFolder: string;
  readonly plugins: readonly string[];
  /** Stops the trial cleanly after the step under way. */
  readonly signal: AbortSignal;
  /** All that the trial tells of itself, transient events among them. */
  readonly event: (event: LigatureEvent) => void;
  /** A line that the process printed by itself, such as a warning of a library. */
  readonly printed: (line: string) => void;
}

export type ExecuteTrial = (plan: TrialPlan, folder: string, hooks: TrialHooks) => Promise<TrialResult>;

/** The entry of the process: beside this file's parent, in the same form (compiled or source). */
const ENTRY = new URL(`../trial-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export const executeInProcess: ExecuteTrial = async (plan, folder, hooks) => {
  const { cwd, cacheFolder, begun, backend = null, plugins } = hooks;
  const child = fork(fileURLToPath(ENTRY), [], {
    cwd,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tell = (message: ToTrial): void => void (child.connected && child.send(message));
  const stop = (): void => tell({ kind: 'stop' });
  const kill = (): void => void child.kill('SIGKILL');
  hooks.signal.addEventListener('abort', stop, { once: true });
  // Whatever ends this process, the trial does not outlive it.
  process.once('exit', kill);
  relayLines(child, hooks.printed);
  tell({
    kind: 'run',
    order: {
      config: plan.config,
      folder,
      cwd,
      cacheFolder,
      begun,
      backend,
      from: plan.from ?? null,
      plugins,
    },
  });
  try {
    return await outcomeOf(child, hooks);
  } finally {
    hooks.signal.removeEventListener('abort', stop);
    process.off('exit', kill);
  }
};

function outcomeOf(child: ChildProcess, hooks: TrialHooks): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    child.on('message', (message: FromTrial) => {
      if (message.kind === 'event') {
        const read = parseEvent(message.event);
        if (read.kind === 'event') hooks.event(read.event);
        else if (read.kind === 'invalid') hooks.printed(`an event that cannot be read: ${read.found}`);
      } else if (message.kind === 'done') outcome = () => resolve(message.result);
      else outcome = () => reject(unpackError(message.error));
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (outcome) outcome();
      else reject(died(status, signal));
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
        : 'See what it printed above',
  });
}

function relayLines({ stdout, stderr }: ChildProcess, print: (line: string) => void): void {
  for (const stream of [stdout, stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
    });
    stream?.on('end', () => {
      if (rest) print(rest);
    });
  }
}
