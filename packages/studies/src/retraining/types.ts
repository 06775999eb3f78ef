/** What a retraining leaves behind: plain data, the content of `retraining.json`. */
import type { FailedTrial, RunConfig, TieMap } from '@ligature/core';
import type { Setting } from '../presentation/words.js';
import type { EquivalenceTest, Finding, Sensitivity } from '../statistics/findings.js';
import type { MeanInterval } from '../statistics/student.js';

/**
 * What was trained. `found`: the run's final map, fixed, from scratch. `found-long`: the same for as many tokens as
 * `continued` has seen in all. `continued`: the run's model with its optimizer, map frozen. `random`: a fixed map with
 * as many blocks, drawn at random, from scratch.
 */
export type RetrainingArm = 'found' | 'found-long' | 'continued' | 'random';

/** The run whose map it is. */
export interface RetrainedRun {
  /** Its folder, as it was given. */
  readonly folder: string;
  readonly controller: string;
  readonly seed: number;
  /** Steps at the checkpoint that was taken, and of its budget. */
  readonly steps: number;
  readonly budget: number;
  readonly tieMap: TieMap;
  readonly blocks: number;
  /** Its own primary metric on the test split; `null` when it was not finished. */
  readonly loss: number | null;
}

/** One line of the table. */
export interface RetrainingRow {
  readonly arm: RetrainingArm;
  /** `found`, `continued`, …; a random map as itself: `random 0-1-0-1`. */
  readonly label: string;
  readonly tieMap: TieMap;
  readonly blocks: number;
  readonly uniqueParameters: number;
  /** Steps in all, those of the run before `continued` included. */
  readonly steps: number;
  readonly seeds: readonly number[];
  /** The primary metric on the test split, in the order of `seeds`. */
  readonly values: readonly number[];
  readonly value: MeanInterval;
}

/** A difference by seed with its test: the first minus the second. */
export interface RetrainingDifference {
  readonly first: string;
  readonly second: string;
  readonly seeds: readonly number[];
  readonly differences: readonly number[];
  /** Seeds that were planned. */
  readonly planned: number;
  readonly difference: MeanInterval;
  readonly p: number | null;
  readonly hedgesG: number | null;
  /** Holm's correction over the differences of one question. */
  readonly correctedP: number | null;
  readonly equivalence: EquivalenceTest | null;
  readonly sensitivity: Sensitivity | null;
  readonly finding: Finding;
}

/** Where the run ended, beside where its map alone gets on other seeds. */
export interface ReachedByRun {
  readonly loss: number;
  /** 95 % prediction interval of one more seed of `found`; `null` below two seeds. */
  readonly low: number | null;
  readonly high: number | null;
  /** The run at its own seed minus `found` at the same seed, the same tokens and initial weights. */
  readonly minusFoundAtItsSeed: number | null;
}

export interface Retraining extends Setting {
  readonly format: 2;
  readonly seeds: readonly number[];
  readonly run: RetrainedRun;
  readonly rows: readonly RetrainingRow[];
  /** Maps with as many blocks that there are, the found one included; as text, for it may be large. */
  readonly mapsWithAsManyBlocks: string;
  /** The found map minus the mean of the random ones, by seed; `null` without one of them. */
  readonly map: RetrainingDifference | null;
  /** The found map minus each random one, Holm-corrected. */
  readonly againstEach: readonly RetrainingDifference[];
  /** `continued` minus `found-long`: equally many tokens, another history. */
  readonly history: RetrainingDifference | null;
  /** `null` when the run was not finished. */
  readonly reached: ReachedByRun | null;
  readonly failed: readonly FailedTrial[];
  /** Trials that have not been run to their end, failures left out; more than none: it can be resumed. */
  readonly unfinished: number;
  /** A few sentences: what these numbers show, and what they do not. */
  readonly verdict: string;
  /** What the trials have in common. */
  readonly config: RunConfig;
}
