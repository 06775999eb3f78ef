/** What a progress view draws on: a line for each run under way, and lines that stay. */
import type { EvaluationState } from './evaluation.js';
import type { ProgressState } from './state.js';

export interface Lines {
  /** Milliseconds between two lines of one evaluation, at least. */
  readonly interval: number;
  /** For a run that begins. */
  add(): RunLine;
  note(line: string): void;
  end(): void;
}

export interface RunLine {
  stage(message: string): void;
  progress(state: ProgressState): void;
  evaluation(state: EvaluationState): void;
  end(): void;
}
