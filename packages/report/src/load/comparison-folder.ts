/** A comparison as its folder tells it: `comparison.json`, and the event logs of its trials for what a loss cost. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readEventLog, type TrialResult } from '@ligature/run';
import type { Comparison } from '@ligature/studies';
import { binLosses, binSize, type LossBin } from '../trace/thin.js';
import { traceRun, type StepPoint } from '../trace/run-trace.js';
import { readObject, unreadable } from './read-json.js';
import { readManifest, type Manifest } from './run-folder.js';

/** Points of one curve. */
const POINTS = 240;

export interface TrialCurve {
  readonly controller: string;
  readonly seed: number;
  readonly bins: readonly LossBin[];
}

export interface ComparisonRecord {
  readonly comparison: Comparison;
  readonly manifest: Manifest;
  readonly curves: readonly TrialCurve[];
  /** Steps that one point of every curve stands for. */
  readonly binSize: number;
  /** Whether every trial's log is there: without them seconds and operations are not known. */
  readonly logs: boolean;
  /** Folder of each trial, below this one, and whether it has a page of its own. */
  readonly folders: readonly { readonly name: string; readonly page: boolean }[];
}

/** @throws InputError (`report-unreadable`) */
export function readComparison(folder: string): ComparisonRecord {
  const comparison = readObject(folder, 'comparison.json') as Comparison | undefined;
  if (!comparison || !Array.isArray(comparison.trials) || !Array.isArray(comparison.rows)) {
    throw unreadable(folder, 'its comparison.json holds no comparison');
  }
  const { trials, config } = comparison;
  const size = binSize(Math.max(1, ...trials.map(({ losses }) => losses.length)), POINTS);
  const places = trials.map((trial) => join(folder, basename(trial.folder)));
  const logs = places.map((place) => existsSync(join(place, 'events.jsonl')));
  return {
    comparison,
    manifest: manifestOf(folder, places[0]),
    curves: trials.map((trial, index) => ({
      controller: trial.controller,
      seed: trial.seed,
      bins: binLosses(
        logs[index]
          ? traceRun(readEventLog(places[index] as string), config.training.accumulation).steps
          : stepsOf(trial),
        size,
      ),
    })),
    binSize: size,
    logs: logs.every(Boolean),
    folders: places.map((place) => ({ name: basename(place), page: existsSync(join(place, 'report.html')) })),
  };
}

/** A study's own manifest has no backend and no plug-ins: those of its trials are all the same. */
function manifestOf(folder: string, trial: string | undefined): Manifest {
  const { backend, plugins, machine }: Manifest = trial === undefined ? {} : readManifest(trial);
  return {
    ...(backend && { backend }),
    ...(plugins && { plugins }),
    ...(machine && { machine }),
    ...readManifest(folder),
  };
}

/** Without a log: every step has the same tokens, and what else it cost is not known. */
function stepsOf({ losses, tokens }: TrialResult): StepPoint[] {
  return losses.map(({ step, loss }, index) => ({
    ...{ step, loss },
    tokens: Math.round((tokens / losses.length) * (index + 1)),
    seconds: 0,
    flops: 0,
  }));
}
