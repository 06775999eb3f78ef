/** A terminal that remembers what it was told, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LigatureEvent, TrialOrder, TrialResult, TrialSignal, TrialStore } from '@ligature/core';
import type { Interrupt, Io } from '../src/index.js';

/** What a made-up trial may say of itself. */
export interface TrialHooks {
  readonly begun: boolean;
  readonly signal: AbortSignal;
  readonly event: (event: LigatureEvent) => void;
}

export type ExecuteTrial = (order: TrialOrder, folder: string, hooks: TrialHooks) => Promise<TrialResult>;

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  /** As if the user pressed Ctrl-C. */
  readonly interrupt: (signal?: Interrupt) => void;
  /** Statuses that `exit` was called with. */
  readonly exits: number[];
}

export interface FakeOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Io['env'];
  /** Carries trials out, in place of processes of their own. */
  readonly executeTrial?: ExecuteTrial;
}

/** The clock advances by a second at each look. */
export function fakeIo({
  isTTY = false,
  columns = 80,
  rows,
  env = {},
  executeTrial,
}: FakeOptions = {}): FakeIo {
  const cwd = mkdtempSync(join(tmpdir(), 'ligature-cli-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const written = { out: '', err: '' };
  const listeners = new Set<(signal: Interrupt) => void>();
  const exits: number[] = [];
  let now = 0;
  const stream = (name: 'out' | 'err') => ({
    isTTY,
    columns,
    rows,
    write: (text: string) => void (written[name] += text),
  });
  return {
    stdout: stream('out'),
    stderr: stream('err'),
    env: { LIGATURE_CACHE: join(cwd, 'cache'), ...env },
    cwd,
    now: () => (now += 1000),
    onInterrupt: (callback) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    exit: (status) => void exits.push(status),
    ...(executeTrial && { executor: ({ store }: { store: TrialStore }) => executorOf(executeTrial, store) }),
    out: () => written.out,
    err: () => written.err,
    interrupt: (signal = 'SIGINT') => listeners.forEach((listener) => listener(signal)),
    exits,
  };
}

/** What a live line leaves on the screen: control sequences gone, one entry per redraw. */
export const frames = (text: string): string[] =>
  text
    .split(/[\r\n]/)

    .map((line) => line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, ''))
    .filter((line) => line !== '');

/** The lines on the screen of a terminal that was told this, by the few control sequences that Ligature uses. */
export function screenOf(text: string): string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  for (const [token] of text.matchAll(/\u001b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\u001b\r\n]+/g)) {
    if (token === '\r') column = 0;
    else if (token === '\n') [row, column] = [row + 1, 0];
    else if (token.endsWith('A') && token.startsWith('\u001b')) row -= Number(token.slice(2, -1));
    else if (token === '\u001b[K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (token === '\u001b[J') lines.splice(row, Infinity, (lines[row] ?? '').slice(0, column));
    else if (!token.startsWith('\u001b')) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines.filter((line) => line !== '');
}

const executorOf = (execute: ExecuteTrial, store: TrialStore) => ({
  run: (order: TrialOrder, on: (signal: TrialSignal) => void, signal: AbortSignal) =>
    execute(order, store.place?.(order.id) ?? order.id, {
      ...{ begun: order.resume, signal },
      event: (event) => on({ kind: 'event', event }),
    }),
});
