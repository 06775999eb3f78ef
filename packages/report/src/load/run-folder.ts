/** A run as its folder tells it: the event log, what it was made with, and its result once it has one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeIssues,
  savedConfigSchema,
  type MeasuredFloor,
  type RunConfig,
  type TrialResult,
} from '@ligature/core';
import { controllerLabel, measuredFloorsSchema, readEventLog, readTrialResult } from '@ligature/run';
import { traceRun, type RunTrace } from '../trace/run-trace.js';
import { readObject, unreadable } from './read-json.js';

/** What made a run or a study: `manifest.json`. Everything may be missing from older folders. */
export interface Manifest {
  readonly command?: readonly string[];
  readonly ligature?: string;
  readonly backend?: { readonly name: string; readonly version: string; readonly detail: string };
  readonly plugins?: Readonly<Record<string, string>>;
  readonly machine?: Readonly<Record<string, string | number>>;
  /** Of a run: what needs no training, on its data. */
  readonly floors?: readonly MeasuredFloor[];
}

export interface RunRecord {
  readonly config: RunConfig;
  readonly manifest: Manifest;
  readonly trace: RunTrace;
  /** Missing while the run goes on, and when it was killed. */
  readonly result?: TrialResult;
}

export function isRun(folder: string): boolean {
  return existsSync(join(folder, 'config.json')) && existsSync(join(folder, 'events.jsonl'));
}

/** @throws InputError (`report-unreadable`), ContractError (`event-log-damaged`) */
export function readRun(folder: string): RunRecord {
  const config = savedConfigSchema.safeParse(readObject(folder, 'config.json'));
  if (!config.success)
    throw unreadable(folder, `its config.json is damaged: ${describeIssues(config.error)}`);
  const written = readObject(folder, 'result.json');
  const read = written === undefined ? undefined : readTrialResult(written);
  if (read && 'found' in read) throw unreadable(folder, `its result.json is damaged: ${read.found}`);
  const result = read?.result;
  return {
    config: config.data,
    manifest: readManifest(folder),
    trace: completed(traceRun(readEventLog(folder), config.data.training.accumulation), config.data),
    ...(result && { result }),
  };
}

/** Where the beginning of the log was thrown away, the configuration says what the run was to be. */
function completed(trace: RunTrace, { controller, seed, training }: RunConfig): RunTrace {
  if (trace.missingSteps === undefined) return trace;
  const plannedSteps = trace.plannedSteps || (training.budget === null ? training.steps : 0);
  return { ...trace, controller: controllerLabel(controller), seed, plannedSteps };
}

/** Whatever of it is there, in the form that is expected. */
export function readManifest(folder: string): Manifest {
  const found = readObject(folder, 'manifest.json') ?? {};
  const floors = measuredFloorsSchema.safeParse((found as { floors?: unknown }).floors).data;
  const { command, ligature, backend, plugins, machine } = found as Partial<Record<keyof Manifest, unknown>>;
  const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;
  return {
    ...(Array.isArray(command) && { command: command.map(String) }),
    ...(typeof ligature === 'string' && { ligature }),
    ...(isRecord(backend) && { backend: backend as NonNullable<Manifest['backend']> }),
    ...(isRecord(plugins) && { plugins: plugins as NonNullable<Manifest['plugins']> }),
    ...(isRecord(machine) && { machine: machine as NonNullable<Manifest['machine']> }),
    ...(floors && { floors }),
  };
}
