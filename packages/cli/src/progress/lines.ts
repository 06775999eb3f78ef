/** What a progress view draws on: a line for each run under way, and lines that stay. */
import type { StageProgress } from '@ligature/core';
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
  /** @param progress how far it is, where that can be told */
  stage(message: string, progress?: StageProgress): void;
  progress(state: ProgressState): void;
  evaluation(state: EvaluationState): void;
  end(): void;
}
