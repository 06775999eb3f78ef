/** Progress without a terminal: whole lines, few of them, each with the name of its run. */
import type { Io } from '../io.js';
import { plainEvaluationLine } from './evaluation.js';
import { asSteps, percentage, plainLine } from './line.js';
import type { Lines, RunLine } from './lines.js';
import type { ProgressState } from './state.js';

/** Seconds between two lines of a run at least. */
const PLAIN_MS = 10_000;

export class PlainLines implements Lines {
  readonly interval = PLAIN_MS;

  constructor(private readonly io: Io) {}

  add(): RunLine {
    return {
      stage: this.stage(),
      progress: this.progress(),
      evaluation: (state) => this.note(plainEvaluationLine(state)),
      end() {},
    };
  }

  note(line: string): void {
    this.io.stderr.write(`${line}\n`);
  }

  end(): void {}

  /** A line for each stage, and one every tenth of the way of what says how far it is. */
  private stage(): RunLine['stage'] {
    let shown = '';
    return (message, progress) => {
      if (!progress) return this.note(message);
      const tenth = Math.floor(percentage(asSteps(progress)) / 10);
      const line = `${message} ${10 * tenth} %`;
      if (line !== shown) this.note(line);
      shown = line;
    };
  }

  /** A line every tenth of the way, and every ten seconds where that takes longer. */
  private progress(): RunLine['progress'] {
    let tenth = -1;
    let printedAt = -Infinity;
    return (state: ProgressState) => {
      if (state.step === 0) {
        tenth = 0;
        printedAt = this.io.now();
        return;
      }
      const reached = Math.floor(percentage(state) / 10);
      if (reached === tenth && this.io.now() - printedAt < PLAIN_MS) return;
      tenth = reached;
      printedAt = this.io.now();
      this.note(plainLine(state));
    };
  }
}
