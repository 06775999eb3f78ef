/**
 * Shows runs as they go, on stderr: a live line for each on a terminal, plain lines elsewhere (pipes, CI, --json).
 * Everything else that is printed meanwhile goes through `note`, which keeps the live lines below it.
 */
import type { LigatureEvent } from '@ligature/core';
import type { EvaluationProgress, ResumedAt } from '@ligature/run';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import type { Lines } from './lines.js';
import { LiveLines } from './live-lines.js';
import { PlainLines } from './plain-lines.js';
import { advance, idle, resumedAt } from './state.js';

export interface ProgressView {
  /** A new run; several may be under way at once. */
  begin(label: string): RunView;
  /** A line that stays. */
  note(line: string): void;
  /** A line that stays, set off from others, once however often it is said. */
  notice(message: string): void;
  /** Takes the live lines away and gives the cursor back; may be called twice. */
  end(): void;
}

/** What is shown of one run. */
export interface RunView {
  /** One line before a longer piece of work. */
  stage(message: string): void;
  event(event: LigatureEvent): void;
  /** It goes on from here, and will not say again how it began. */
  resumed(at: ResumedAt): void;
  /** How far an evaluation is: before its first batch and after each. Short ones are not shown. */
  evaluation(progress: EvaluationProgress): void;
  /** Takes the run's live line away; may be called twice. */
  end(): void;
}

export interface ViewOptions {
  readonly quiet: boolean;
  /** Plain lines even on a terminal. */
  readonly plain: boolean;
}

/** Evaluations that take less than this do not interrupt the line of the training. */
const SHORT_MS = 500;

export function createProgressView(io: Io, { quiet, plain }: ViewOptions): ProgressView {
  if (quiet) {
    const run: RunView = { stage() {}, event() {}, resumed() {}, evaluation() {}, end() {} };
    return { begin: () => run, note() {}, notice() {}, end() {} };
  }
  const { stderr, env } = io;
  const live = stderr.isTTY === true && !plain && !env['CI'] && env['TERM'] !== 'dumb';
  const lines = live ? new LiveLines(io) : new PlainLines(io);
  const noticed = new Set<string>();
  return {
    begin: (label) => runView(label, lines, io),
    note: (line) => lines.note(line),
    notice(message) {
      if (noticed.has(message)) return;
      noticed.add(message);
      const text = wrap(`note: ${message}`, columnsOf(stderr) - 1, '  ').trimStart();
      lines.note(text.replace('note:', (word) => paintFor(stderr, env).yellow(word)));
    },
    end: () => lines.end(),
  };
}

function runView(label: string, lines: Lines, io: Io): RunView {
  const line = lines.add();
  const warned = new Set<string>();
  let state = idle(label);
  let evaluation = { since: 0, due: 0 };
  return {
    stage: (message) => line.stage(label === '' ? message : `${label}: ${message}`),
    event(event) {
      if (event.type === 'diagnostic.raised' && !warned.has(event.code)) {
        warned.add(event.code);
        const text = `warning: ${label}: ${event.message} (window ${event.window})`;
        const wrapped = wrap(text, columnsOf(io.stderr) - 1, '  ').trimStart();
        lines.note(wrapped.replace('warning:', (word) => paintFor(io.stderr, io.env).yellow(word)));
      }
      state = advance(state, event, io.now());
      if (event.type === 'run.started' || event.type === 'step.completed') line.progress(state);
    },
    resumed(at) {
      state = resumedAt(state.label, at);
      line.progress(state);
    },
    evaluation(progress) {
      const now = io.now();
      const { done, total } = progress;
      if (done === 0) {
        evaluation = { since: now, due: now + Math.max(SHORT_MS, lines.interval) };
        return;
      }
      if (now < evaluation.due) return;
      evaluation = { ...evaluation, due: now + lines.interval };
      const remaining = ((now - evaluation.since) / done) * (total - done);
      line.evaluation({ ...progress, label, remaining });
    },
    end: () => line.end(),
  };
}
