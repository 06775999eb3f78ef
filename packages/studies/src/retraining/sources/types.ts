/** What a retraining of several runs leaves behind: plain data, the content of `retraining.json`. */
import type { FailedTrial, RunConfig } from '@ligature/core';
import type { Setting } from '../../presentation/words.js';
import type { MeanInterval } from '../../statistics/student.js';
import type { RetrainedRun, RetrainingDifference, RetrainingRow } from '../types.js';

/** A difference within one source, over its seeds: they share a map and a history, so it is one number. */
export interface SourceDifference {
  /** Seeds that all sides finished. */
  readonly seeds: readonly number[];
  readonly differences: readonly number[];
  /** Its interval is about this source alone. */
  readonly difference: MeanInterval;
}

/** A run that was retrained, and what came of it. */
export interface RetrainedSource {
  readonly run: RetrainedRun;
  /** Its own; no two sources share one. */
  readonly seeds: readonly number[];
  /** Maps with as many blocks that there are, the found one included; as text, for it may be large. */
  readonly mapsWithAsManyBlocks: string;
  readonly rows: readonly RetrainingRow[];
  /** The found map minus the mean of the random ones; `null` where there are none, or no seed is whole. */
  readonly map: SourceDifference | null;
  /** `continued` minus `found-long`; `null` likewise. */
  readonly history: SourceDifference | null;
}

/**
 * A difference over all sources, each of which counts as one: `differences` holds one for each, the mean over its seeds, and
 * `planned` and `sensitivity` count sources.
 */
export interface SourcesDifference extends Omit<RetrainingDifference, 'seeds'> {
  /** Seeds of the runs that gave a number. */
  readonly sources: readonly number[];
}

export interface RetrainedSources extends Setting {
  readonly format: 1;
  readonly controller: string;
  readonly sources: readonly RetrainedSource[];
  /** Each source has so many seeds of its own. */
  readonly seedsPerSource: number;
  readonly map: SourcesDifference | null;
  readonly history: SourcesDifference | null;
  readonly failed: readonly FailedTrial[];
  /** Trials that have not been run to their end, failures left out; more than none: it can be resumed. */
  readonly unfinished: number;
  readonly verdict: string;
  readonly config: RunConfig;
}
