/** What a sweep is made of and what it leaves behind: plain data, the content of `sweep.json`. */
import type { MeasuredFloor, RunConfig, TieMap } from '@ligature/core';
import type { Planned } from '../planned/found.js';
import type { Setting } from '../presentation/words.js';
import type { ControlComparison } from '../statistics/comparison-statistics.js';
import type { MeanInterval } from '../statistics/student.js';

/** Values to try one by one. */
export interface SweepList {
  readonly kind: 'list';
  readonly values: readonly unknown[];
}

/** Numbers between two ends, both included. */
export interface SweepRange {
  readonly kind: 'range';
  readonly low: number;
  readonly high: number;
  /** `log`: equal ratios are equally likely. */
  readonly scale: 'linear' | 'log';
  /** Whole numbers alone. */
  readonly integer: boolean;
  /** Distance from one value to the next, counted from `low`; `null`: any number. */
  readonly step: number | null;
}

export type SweepDimension = SweepList | SweepRange;

/** One field of the configuration, and the values that it takes. */
export interface SweepField {
  /** Path in the configuration: `tying.window`, `controller.options.epsilon.start`. */
  readonly path: string;
  /** For headings: the path without its section where no other field is called so: `window`, `epsilon.start`. */
  readonly name: string;
  readonly dimension: SweepDimension;
  /** The values in words: `10, 50, 100` or `0.1 to 1, logarithmic`. */
  readonly text: string;
}

/** One setting of all fields. */
export interface SweepConfiguration {
  /** From 1 on, in the order in which they were made. */
  readonly id: number;
  /** `window=10 epsilon.start=0.3`. */
  readonly label: string;
  /** One per field, in their order. */
  readonly values: readonly unknown[];
  /** The whole configuration, with the seed that the sweep counts from. */
  readonly config: RunConfig;
}

/** What a sweep ranks by. */
export interface SweepObjective {
  /** `validation.nats`, `parameters`, …; in sweeps of before that was refused also `test.accuracy`. */
  readonly metric: string;
  readonly goal: 'minimize' | 'maximize';
}

/** A number over the seeds that have one: mean, 95 % interval, and the values in the order of the row's seeds, NaN where missing. */
export interface SweepNumber extends MeanInterval {
  readonly values: readonly number[];
}

/** One line of the table: a configuration over its seeds. */
export interface SweepRow {
  readonly id: number;
  readonly label: string;
  /** One per field, in their order. */
  readonly values: readonly unknown[];
  /** The same in words. */
  readonly texts: readonly string[];
  /** Seeds that were trained to the end. */
  readonly seeds: readonly number[];
  readonly objective: SweepNumber;
  /** The task's primary metric. */
  readonly validation: SweepNumber;
  readonly test: SweepNumber;
  readonly uniqueParameters: SweepNumber;
  readonly independentLayers: SweepNumber;
  readonly tokensPerSecond: SweepNumber;
  /** What needs no training on its data: another tokenizer has other floors. None where no trial says. */
  readonly floors: readonly MeasuredFloor[];
  /** Final tie map per seed. */
  readonly tieMaps: readonly TieMap[];
  /** Run folder per seed, relative to the sweep's. */
  readonly folders: readonly string[];
}

export interface SweepFailure {
  readonly id: number;
  readonly label: string;
  readonly seed: number;
  readonly message: string;
}

/** The configuration with the best mean objective, and how surely it is ahead. */
export interface SweepChoice {
  readonly id: number;
  /** The runner-up; `null` with one configuration. */
  readonly second: number | null;
  /** Objective of the best minus that of the runner-up, paired by seed, one test of all those others; `null` with one configuration. */
  readonly difference: ControlComparison | null;
  /** Others whose objective is shown to be worse: paired by seed, Holm-corrected over all of them. */
  readonly shownWorse: readonly number[];
  /** Others that are shown to be equivalent to it within `margin`, in the same family of tests. */
  readonly shownEquivalent: readonly number[];
  /** What counts as no difference of the objective; `null`: nothing was named before that is in its units. */
  readonly margin: number | null;
}

export interface Sweep extends Setting, Planned {
  readonly format: 2;
  readonly search: 'grid' | 'random';
  readonly fields: readonly SweepField[];
  readonly objective: SweepObjective;
  readonly seeds: readonly number[];
  /** Configurations that were planned; those without a finished trial have no row. */
  readonly configurations: number;
  /** Best mean objective first; those that lack a seed last. */
  readonly rows: readonly SweepRow[];
  readonly failed: readonly SweepFailure[];
  /** Trials that have not been run to their end, failures left out. */
  readonly unfinished: number;
  /** `null` where no configuration has an objective of every planned seed. */
  readonly choice: SweepChoice | null;
  /** Paths of the one or two fields that the picture shows. */
  readonly axes: readonly string[];
  /** A few sentences: what these numbers show, and what they do not. */
  readonly note: string;
  /** What all configurations have in common. */
  readonly config: RunConfig;
}
