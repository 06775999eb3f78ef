/** A progress state as one line: for a terminal of a given width, or plain. Pure functions. */
import type { StageProgress } from '@ligature/core';
import { formatTieMap } from '@ligature/report';
import { tieMapCells } from '../terminal/cells.js';
import { width, type Paint } from '../terminal/paint.js';
import { independent, type ProgressState } from './state.js';

/** Columns that the bar keeps, however little room there is; more than this helps nobody. */
const BAR = { least: 3, most: 24 };

/** `1:05`, `1:02:03`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

type Way = Pick<ProgressState, 'step' | 'steps'>;

export const asSteps = ({ done, total }: StageProgress): Way => ({ step: done, steps: total });

export const percentage = ({ step, steps }: Way): number =>
  steps === 0 ? 0 : Math.floor((100 * step) / steps);

/**
 * Bar, percentage, loss, speed, independent layers, tie map and time to go in less than `columns` columns.
 * As room gets scarce the step count goes first, then the label is cut, then words, time and speed go.
 */
export function progressLine(state: ProgressState, columns: number, paint: Paint): string {
  const { label, step, steps, loss, unit, tokensPerSecond, remaining, tieMap } = state;
  // Some terminals wrap a line that fills the last column, and the ^C of an interrupt needs room too.
  const room = columns - 2;
  const parts = {
    label,
    percentage: `${String(percentage(state)).padStart(3)}%`,
    count: `${step}/${steps}`,
    loss: loss === null ? '' : `loss ${loss.toFixed(3)}`,
    speed:
      tokensPerSecond === null ? '' : `${tokensPerSecond.toFixed(0)} ${unit === 'tokens' ? 'tok' : unit}/s`,
    independent: `${independent(state)} own`,
    time:
      step > 0 && step >= steps ? 'evaluating' : remaining === null ? '' : `ETA ${formatDuration(remaining)}`,
  };
  // A column for each layer of a small stack, half a column for each of a deep one.
  const cellsLeast = tieMap.length <= 16 ? tieMap.length : Math.min(Math.ceil(tieMap.length / 2), 24);
  const least = BAR.least + 1 + cellsLeast;
  const taken = (): number =>
    Object.values(parts).reduce((sum, part) => sum + (part ? width(part) + 1 : 0), 0);
  const fits = (): boolean => taken() + least <= room;
  if (!fits()) parts.count = '';
  if (!fits()) parts.label = shorten(label, Math.max(7, width(label) - (taken() + least - room)));
  if (!fits()) parts.independent = independent(state);
  if (!fits()) parts.time = '';
  if (!fits()) parts.speed = '';
  if (!fits()) parts.label = '';

  const free = Math.max(0, room - taken() - 1);
  const cells = tieMapCells(tieMap, Math.max(0, Math.min(2 * tieMap.length, free - BAR.least)), paint);
  const bar = progressBar(state, Math.min(BAR.most, free - width(cells)), paint);
  return [
    paint.bold(parts.label),
    bar,
    parts.percentage,
    paint.dim(parts.count),
    parts.loss,
    parts.speed,
    cells,
    parts.independent,
    paint.dim(parts.time),
  ]
    .filter((part) => width(part) > 0)
    .join(' ');
}

export function progressBar({ step, steps }: Way, columns: number, paint: Paint): string {
  if (columns < 1) return '';
  const full = steps === 0 ? 0 : Math.round((columns * step) / steps);
  return paint.cyan('━'.repeat(full)) + paint.dim('─'.repeat(columns - full));
}

/** A stage that says how far it is, in less than `columns` columns: bar and percentage behind what is done. */
export function stageLine(message: string, progress: StageProgress, columns: number, paint: Paint): string {
  const room = columns - 2;
  const share = `${String(percentage(asSteps(progress))).padStart(3)}%`;
  const name = shorten(message, Math.max(1, room - BAR.least - width(share) - 2));
  const bar = progressBar(
    asSteps(progress),
    Math.min(BAR.most, room - width(name) - width(share) - 2),
    paint,
  );
  return [paint.dim(name), bar, share].filter((part) => width(part) > 0).join(' ');
}

export function shorten(text: string, columns: number): string {
  return width(text) <= columns ? text : `${[...text].slice(0, columns - 1).join('')}…`;
}

/** The same without a terminal: words, no control characters. */
export function plainLine(state: ProgressState): string {
  const { label, step, steps, loss, unit, tokensPerSecond, remaining, tieMap } = state;
  return [
    `${label}: step ${step}/${steps} (${percentage(state)} %)`,
    loss === null ? '' : `loss ${loss.toFixed(3)}`,
    tokensPerSecond === null ? '' : `${tokensPerSecond.toFixed(0)} ${unit}/s`,
    `${independent(state)} layers independent`,
    `tie map ${formatTieMap(tieMap)}`,
    step > 0 && step >= steps
      ? 'evaluating …'
      : remaining === null
        ? ''
        : `${formatDuration(remaining)} to go`,
  ]
    .filter(Boolean)
    .join(', ');
}
