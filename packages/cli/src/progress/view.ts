/**
 * Shows runs as they go, on stderr: a live line for each on a terminal, plain lines elsewhere (pipes, CI, --json).
 * Everything else that is printed meanwhile goes through `note`, which keeps the live lines below it.
 */
import {
  visible,
  visibleLine,
  type DiagnosticRaised,
  type EvaluationProgressed,
  type LigatureEvent,
} from '@ligature/core';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import type { EvaluationState } from './evaluation.js';
import type { Lines } from './lines.js';
import { LiveLines } from './live-lines.js';
import { PlainLines } from './plain-lines.js';
import { RunProgress } from './state.js';

export interface ProgressView {
  /** A new run; several may be under way at once. */
  begin(label: string): RunView;
  /** A line that stays. */
  note(line: string): void;
  /** Takes the live lines away and gives the cursor back; may be called twice. */
  end(): void;
}

/** What is shown of one run: all of it comes as events. */
export interface RunView {
  event(event: LigatureEvent): void;
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
    const run: RunView = { event() {}, end() {} };
    return { begin: () => run, note() {}, end() {} };
  }
  const { stderr, env } = io;
  const live = stderr.isTTY === true && !plain && !env['CI'] && env['TERM'] !== 'dumb';
  const lines = live ? new LiveLines(io) : new PlainLines(io);
  const noticed = new Set<string>();
  /** A line that stays, set off from others; of all runs of the view together it is said once. */
  const notice = (message: string): void => {
    if (noticed.has(message)) return;
    noticed.add(message);
    lines.note(setOff('note:', message, io));
  };
  // In among live lines it would be drawn over.
  const stopListening = io.onPrinted?.((line) => lines.note(visible(line)));
  return {
    begin: (label) => runView(label, lines, notice, io),
    note: (line) => lines.note(line),
    end: () => {
      stopListening?.();
      lines.end();
    },
  };
}

/** Wrapped, with its first word in colour. */
function setOff(word: string, message: string, { stderr, env }: Io): string {
  const text = wrap(`${word} ${visible(message)}`, columnsOf(stderr) - 1, '  ').trimStart();
  return text.replace(word, (found) => paintFor(stderr, env).yellow(found));
}

function runView(given: string, lines: Lines, notice: (message: string) => void, io: Io): RunView {
  const label = visibleLine(given);
  const line = lines.add();
  const progress = new RunProgress(label);
  const evaluation = new EvaluationWatch(label, lines.interval);
  const warned = new Set<string>();
  const warn = ({ code, message, window }: DiagnosticRaised): void => {
    if (warned.has(code)) return;
    warned.add(code);
    lines.note(setOff('warning:', `${label}: ${message} (window ${window})`, io));
  };
  return {
    event(event) {
      const now = io.now();
      progress.observe(event, now);
      switch (event.type) {
        case 'stage.entered':
          return line.stage(
            `${label === '' ? '' : `${label}: `}${visibleLine(event.message)}`,
            event.progress,
          );
        case 'notice.raised':
          return notice(event.message);
        case 'evaluation.progressed': {
          const state = evaluation.follow(event, now, progress.batchesAfter(event.split));
          if (state) line.evaluation(state);
          return;
        }
        case 'diagnostic.raised':
          return warn(event);
        case 'run.started':
        case 'run.resumed':
        case 'step.completed':
          line.progress(progress.state);
      }
    },
    end: () => line.end(),
  };
}

/** When an evaluation is worth a line: not while it is short, and not more often than lines are drawn. */
class EvaluationWatch {
  #since = 0;
  #due = 0;

  constructor(
    private readonly label: string,
    private readonly interval: number,
  ) {}

  /** What is to be shown now, if anything. @param after batches of further splits, which the time to go includes */
  follow(
    { split, done, total }: EvaluationProgressed,
    now: number,
    after: number,
  ): EvaluationState | undefined {
    if (done === 0) {
      this.#since = now;
      this.#due = now + Math.max(SHORT_MS, this.interval);
      return undefined;
    }
    if (now < this.#due) return undefined;
    this.#due = now + this.interval;
    return {
      split,
      done,
      total,
      label: this.label,
      remaining: ((now - this.#since) / done) * (total - done + after),
    };
  }
}
