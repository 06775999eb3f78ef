/** What forked halving leaves behind: plain data, the content of `forked-halving.json`. */
import type { FailedTrial, RunConfig, TieMap } from '@ligature/core';
import type { Setting } from '../presentation/words.js';
import type { ForkedHalvingSettings } from './plan.js';

/** One forked map. */
export interface ForkedMap {
  readonly tieMap: TieMap;
  /** The primary metric on validation at the end of each rung; `null` where it did not get there. */
  readonly values: readonly (number | null)[];
  /** On test at the end of the last rung; `null` where it did not get there. */
  readonly test: number | null;
  /** Steps after the fork that it was trained for. */
  readonly steps: number;
  readonly uniqueParameters: number | null;
}

/** How much the order after some steps tells of that after more, over the maps that got to both. */
export interface Agreement {
  readonly from: number;
  readonly to: number;
  readonly maps: number;
  /** Kendall's tau-b; `null` where one side tells no pair apart. */
  readonly tau: number | null;
  /**
   * What orders that have nothing to do with each other exceed in 5 of 100 cases, to either side; `null` below four maps.
   * Kendall 1938, Biometrika 30: normal, with variance 2 (2 n + 5) / (9 n (n - 1)).
   */
  readonly chance: number | null;
}

/** Training alone: validation comes on top. */
export interface ForkCost {
  readonly steps: number;
  readonly tokens: number;
  /** `null` where a trial does not say. */
  readonly flops: number | null;
}

/** What halving gave away, where every map was trained to the end. */
export interface HalvingRegret {
  readonly kept: TieMap;
  /** Its place at the end, from 1. */
  readonly place: number;
  readonly best: TieMap;
  /** How much worse it is than the best one on validation, 0 or more. */
  readonly regret: number;
  /** What halving alone would have cost. */
  readonly cost: ForkCost;
}

export interface ForkedHalving extends Setting {
  readonly format: 1;
  readonly run: ForkedHalvingSettings['run'];
  readonly blocks: number;
  /** Contiguous maps with so many blocks that there are. */
  readonly allMaps: number;
  readonly rungs: readonly number[];
  readonly all: boolean;
  /** Those that got furthest first, best first among them. */
  readonly maps: readonly ForkedMap[];
  readonly agreement: readonly Agreement[];
  /** The map that is left; `null` before the last rung is over. */
  readonly kept: TieMap | null;
  readonly regret: HalvingRegret | null;
  readonly cost: ForkCost;
  /** One of the maps, to the end of the last rung; `null` before it is over. */
  readonly oneRun: ForkCost | null;
  readonly failed: readonly FailedTrial[];
  readonly unfinished: number;
  readonly verdict: string;
  /** What the trials have in common. */
  readonly config: RunConfig;
}
