/**
 * Shows runs as they go, on stderr: one live line on a terminal, plain lines elsewhere (pipes, CI, --json).
 * Everything else that is printed meanwhile goes through `note`, which keeps the live line below it.
 */
import type { LigatureEvent } from '@ligature/core';
import type { EvaluationProgress } from '@ligature/experiments';
import type { Io, OutputStream } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { evaluationLine, plainEvaluationLine, type EvaluationState } from './evaluation.js';
import { percentage, plainLine, progressLine } from './line.js';
import { advance, idle, type ProgressState } from './state.js';

export interface ProgressView {
  /** A new run. */
  begin(label: string): void;
  /** One line before a longer piece of work. */
  stage(message: string): void;
  event(event: LigatureEvent): void;
  /** How far an evaluation is: before its first batch and after each. Short ones are not shown. */
  evaluation(progress: EvaluationProgress): void;
  /** A line that stays. */
  note(line: string): void;
  /** A line that stays, set off from others, once however often it is said. */
  notice(message: string): void;
  /** Takes the live line away and gives the cursor back; may be called twice. */
  end(): void;
}

export interface ViewOptions {
  readonly quiet: boolean;
  /** Plain lines even on a terminal. */
  readonly plain: boolean;
}

/** Redraws per second at most, and seconds between plain lines at least. */
const REDRAW_MS = 80;
const PLAIN_MS = 10_000;
/** Evaluations that take less than this do not interrupt the line of the training. */
const SHORT_MS = 500;

export function createProgressView(io: Io, { quiet, plain }: ViewOptions): ProgressView {
  if (quiet) return { begin() {}, stage() {}, event() {}, evaluation() {}, note() {}, notice() {}, end() {} };
  const { stderr, env } = io;
  const live = stderr.isTTY === true && !plain && !env['CI'] && env['TERM'] !== 'dumb';
  const show = live ? new LiveLines(io) : new PlainLines(io);
  const paint = paintFor(stderr, env);
  let state = idle('');
  let warned = new Set<string>();
  const noticed = new Set<string>();
  let evaluation = { since: 0, due: 0 };
  return {
    begin(label) {
      state = idle(label);
      warned = new Set();
    },
    stage: (message) => show.stage(state.label === '' ? message : `${state.label}: ${message}`),
    event(event) {
      if (event.type === 'diagnostic.raised' && !warned.has(event.code)) {
        warned.add(event.code);
        const text = `warning: ${state.label}: ${event.message} (window ${event.window})`;
        const lines = wrap(text, columnsOf(stderr) - 1, '  ').trimStart();
        show.note(lines.replace('warning:', (word) => paint.yellow(word)));
      }
      state = advance(state, event, io.now());
      if (event.type === 'run.started' || event.type === 'step.completed') show.progress(state);
    },
    evaluation(progress) {
      const now = io.now();
      const { done, total } = progress;
      if (done === 0) {
        evaluation = { since: now, due: now + Math.max(SHORT_MS, show.interval) };
        return;
      }
      if (now < evaluation.due) return;
      evaluation = { ...evaluation, due: now + show.interval };
      const remaining = ((now - evaluation.since) / done) * (total - done);
      show.evaluation({ ...progress, label: state.label, remaining });
    },
    note: (line) => show.note(line),
    notice(message) {
      if (noticed.has(message)) return;
      noticed.add(message);
      const lines = wrap(`note: ${message}`, columnsOf(stderr) - 1, '  ').trimStart();
      show.note(lines.replace('note:', (word) => paint.yellow(word)));
    },
    end: () => show.end(),
  };
}

interface Lines {
  /** Milliseconds between two lines of one evaluation, at least. */
  readonly interval: number;
  evaluation(state: EvaluationState): void;
  stage(message: string): void;
  progress(state: ProgressState): void;
  note(line: string): void;
  end(): void;
}

class LiveLines implements Lines {
  readonly interval = REDRAW_MS;
  private line = '';
  private drawnAt = -Infinity;
  private readonly stream: OutputStream;

  constructor(private readonly io: Io) {
    this.stream = io.stderr;
  }

  stage(message: string): void {
    const room = columnsOf(this.stream) - 1;
    const dim = paintFor(this.stream, this.io.env).dim;
    this.draw(dim(message.length > room ? `${message.slice(0, room - 1)}…` : message));
  }

  progress(state: ProgressState): void {
    const now = this.io.now();
    if (now - this.drawnAt < REDRAW_MS && state.step < state.steps) return;
    this.drawnAt = now;
    this.draw(progressLine(state, columnsOf(this.stream), paintFor(this.stream, this.io.env)));
  }

  evaluation(state: EvaluationState): void {
    this.draw(evaluationLine(state, columnsOf(this.stream), paintFor(this.stream, this.io.env)));
  }

  note(line: string): void {
    const { line: below } = this;
    this.end();
    this.stream.write(`${line}\n`);
    if (below) this.draw(below);
  }

  end(): void {
    if (this.line === '') return;
    this.line = '';
    // Back to the first column, clear the line, show the cursor.
    this.stream.write('\r\u001b[K\u001b[?25h');
  }

  private draw(line: string): void {
    if (this.line === '') this.stream.write('\u001b[?25l');
    this.line = line;
    this.stream.write(`\r${line}\u001b[K`);
  }
}

class PlainLines implements Lines {
  readonly interval = PLAIN_MS;
  private tenth = -1;
  private printedAt = -Infinity;

  constructor(private readonly io: Io) {}

  stage(message: string): void {
    this.io.stderr.write(`${message}\n`);
  }

  /** A line every tenth of the way, and every ten seconds where that takes longer. */
  progress(state: ProgressState): void {
    if (state.step === 0) {
      this.tenth = 0;
      this.printedAt = this.io.now();
      return;
    }
    const tenth = Math.floor(percentage(state) / 10);
    if (tenth === this.tenth && this.io.now() - this.printedAt < PLAIN_MS) return;
    this.tenth = tenth;
    this.printedAt = this.io.now();
    this.io.stderr.write(`${plainLine(state)}\n`);
  }

  evaluation(state: EvaluationState): void {
    this.io.stderr.write(`${plainEvaluationLine(state)}\n`);
  }

  note(line: string): void {
    this.io.stderr.write(`${line}\n`);
  }

  end(): void {}
}
