/** An evaluation as one line: for a terminal of a given width, or plain. Pure functions. */
import { visibleLine, type EvaluationProgressed } from '@ligature/core';
import { width, type Paint } from '../terminal/paint.js';
import { asSteps, formatDuration, percentage, progressBar, shorten } from './line.js';

export interface EvaluationState extends Omit<EvaluationProgressed, 'type'> {
  /** Of the run; empty where there is only one. */
  readonly label: string;
  /** Milliseconds to go; `null` while there is nothing to go by. */
  readonly remaining: number | null;
}

const BAR = { least: 3, most: 24 };

const nameOf = ({ label, split }: EvaluationState): string =>
  `${label === '' ? '' : `${label}: `}evaluating ${visibleLine(split)}`;

/** Bar, percentage, batches and time to go in less than `columns` columns; the count and the name give way first. */
export function evaluationLine(state: EvaluationState, columns: number, paint: Paint): string {
  const room = columns - 2;
  const parts = {
    name: nameOf(state),
    percentage: `${String(percentage(asSteps(state))).padStart(3)}%`,
    count: `${state.done}/${state.total} batches`,
    time: state.remaining === null ? '' : `ETA ${formatDuration(state.remaining)}`,
  };
  const taken = (): number =>
    Object.values(parts).reduce((sum, part) => sum + (part ? width(part) + 1 : 0), 0);
  const fits = (): boolean => taken() + BAR.least <= room;
  if (!fits()) parts.count = '';
  if (!fits())
    parts.name = shorten(parts.name, Math.max(10, width(parts.name) - (taken() + BAR.least - room)));
  if (!fits()) parts.time = '';
  const bar = progressBar(asSteps(state), Math.min(BAR.most, room - taken()), paint);
  return [paint.bold(parts.name), bar, parts.percentage, paint.dim(parts.count), paint.dim(parts.time)]
    .filter((part) => width(part) > 0)
    .join(' ');
}

/** The same without a terminal: words, no control characters. */
export function plainEvaluationLine(state: EvaluationState): string {
  const { done, total, remaining } = state;
  return [
    `${nameOf(state)}: batch ${done}/${total} (${percentage(asSteps(state))} %)`,
    remaining === null ? '' : `${formatDuration(remaining)} to go`,
  ]
    .filter(Boolean)
    .join(', ');
}
