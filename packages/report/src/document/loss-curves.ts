/** Training losses of the trials of a study, with what they cost where the trials' logs are there. */
import { largest } from '@ligature/core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LossDrawing } from '@ligature/core';
import { readEventLog } from '@ligature/run';
import { traceRun, type StepPoint } from '../trace/run-trace.js';
import { binLosses, binSize, type LossBin } from '../trace/thin.js';

/** Points of one curve. */
const POINTS = 240;

export interface TrialCurve {
  readonly controller: string;
  readonly seed: number;
  readonly bins: readonly LossBin[];
}

export interface LossCurves {
  readonly curves: readonly TrialCurve[];
  /** Steps that one point of every curve stands for. */
  readonly binSize: number;
  /** Whether every trial's log is there from its beginning: without them seconds and operations are not known. */
  readonly logs: boolean;
}

/**
 * @param folder of the study; left out: no logs
 * @param accumulation micro-batches of a step
 */
export function lossCurves(
  { curves }: LossDrawing,
  folder: string | undefined,
  accumulation: number,
): LossCurves {
  const size = binSize(Math.max(1, largest(curves.map(({ losses }) => losses.length))), POINTS);
  const places = curves.map(({ trial }) => (folder === undefined ? undefined : join(folder, trial)));
  const traces = places.map((place) => place && wholeTrace(place, accumulation));
  return {
    curves: curves.map((curve, index) => ({
      controller: curve.label,
      seed: curve.seed,
      bins: binLosses(traces[index] || stepsOf(curve), size),
    })),
    binSize: size,
    logs: traces.every(Boolean),
  };
}

/** Half a log is none: the result has the losses of all steps. */
function wholeTrace(place: string, accumulation: number): readonly StepPoint[] | undefined {
  if (!existsSync(join(place, 'events.jsonl'))) return undefined;
  const { steps, missingSteps } = traceRun(readEventLog(place), accumulation);
  return missingSteps === undefined ? steps : undefined;
}

/** Without a log: every step has the same tokens, and what else it cost is not known. */
function stepsOf({ losses, tokens }: LossDrawing['curves'][number]): StepPoint[] {
  return losses.map(({ step, loss }, index) => ({
    ...{ step, loss },
    tokens: Math.round((tokens / losses.length) * (index + 1)),
    seconds: 0,
    flops: 0,
  }));
}
