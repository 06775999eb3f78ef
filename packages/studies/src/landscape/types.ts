/** What a landscape leaves behind: plain data, the content of `landscape.json`. */
import type { FailedTrial, RunConfig, TieMap } from '@ligature/core';
import type { Setting } from '../presentation/words.js';
import type { ControlComparison } from '../statistics/comparison-statistics.js';
import type { EquivalenceTest, Finding, Sensitivity } from '../statistics/findings.js';
import type { MeanInterval } from '../statistics/student.js';

/** Which maps were trained. */
export interface LandscapeSpace {
  /** Canonical maps of the stack, Bell(layers); as text, since it passes 2^53 at 23 layers. */
  readonly all: string;
  /** Maps that were to be trained. */
  readonly maps: number;
  /** Only maps with so many blocks; `null`: any number. */
  readonly blocks: readonly number[] | null;
  /** The maps are a uniform sample without repetition, drawn from a random stream of the seed. */
  readonly sampled: boolean;
}

/** One line of the ranking: a map, fixed from the first step on, over the seeds. */
export interface LandscapeMap {
  /** 1: the best mean of the primary metric on the validation split; the test split has no part in it. */
  readonly rank: number;
  /** `0-0-2-2` */
  readonly label: string;
  readonly tieMap: TieMap;
  readonly blocks: number;
  readonly uniqueParameters: number;
  readonly trainableParameters: number;
  /** The primary metric on the validation split, in the order of the landscape's seeds: what maps are chosen by. */
  readonly validation: readonly number[];
  readonly validationMean: number;
  /** The same on the test split: what was chosen is reported by it. */
  readonly values: readonly number[];
  readonly value: MeanInterval;
  /**
   * Of the values minus, seed by seed, the mean of all maps: what separates maps, without what separates seeds. The
   * interval is Cousineau's with Morey's correction (2008, Tutorials in Quantitative Methods for Psychology 4(2)).
   */
  readonly centered: MeanInterval;
  /** No other map is as good on the validation split with as few parameters, and better in one of them. */
  readonly onFront: boolean;
  /** The seeds on which that holds of the value of that seed. */
  readonly frontSeeds: readonly number[];
  /** This map minus the best on the test split, Holm-corrected over all others; `null` for the best itself. */
  readonly againstBest: ControlComparison | null;
}

/** How alike two seeds rank the maps. Kendall's tau-b; `null` where one of them ranks nothing. */
export interface SeedAgreement {
  readonly seeds: readonly [number, number];
  readonly tau: number | null;
  /** Over those pairs of maps alone that have equally many blocks. */
  readonly tauWithinBlocks: number | null;
}

export interface RankingStability {
  readonly pairs: readonly SeedAgreement[];
  /** Mean over the pairs of seeds. */
  readonly meanTau: number | null;
  readonly meanTauWithinBlocks: number | null;
}

/** The maps with one number of blocks. */
export interface BlockGroup {
  readonly blocks: number;
  readonly maps: number;
  readonly uniqueParameters: number;
  /** Over the means of its maps. */
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  /** Label of the one with the best mean on the validation split. */
  readonly bestMap: string;
}

/** How much of the variance between the maps' means their number of blocks explains. */
export interface BlocksEffect {
  readonly groups: readonly BlockGroup[];
  /** Eta squared, 0..1; `null` when all means are equal. Never below what chance gives so many groups. */
  readonly etaSquared: number | null;
  /** Epsilon squared (Kelley 1935): the same without that advantage; may fall below zero. */
  readonly epsilonSquared: number | null;
}

/** What the data say about which map is best. */
export interface BestMap {
  readonly label: string;
  /** `null` with one map. */
  readonly runnerUp: string | null;
  /** Whether every other map is shown to be worse, so that it may be called the best. */
  readonly shownBest: boolean;
  /** The others that are not shown to be worse, best first. */
  readonly notShownWorse: readonly string[];
}

/** One seed of a controller. Differences of the primary metric on the test split; `null` where the landscape lacks what it needs. */
export interface RegretOfSeed {
  readonly seed: number;
  /** Of the controller's own model. */
  readonly value: number;
  readonly finalMap: TieMap;
  readonly blocks: number;
  /** Own value minus that of the best fixed map of all on this seed; best: by the mean over the seeds on validation. */
  readonly againstBest: number | null;
  /** Own value minus that of the best fixed map with at most as many blocks as the final map. */
  readonly againstAsSmall: number | null;
  /** That of the final map, fixed from the first step on, minus that of the best fixed map with as many blocks. */
  readonly ofMap: number | null;
  /** What `ofMap` is on average for a map drawn at random among those with as many blocks. */
  readonly ofRandomMap: number | null;
}

/** Does the controller's final map do better, when trained by itself, than a random one with as many blocks? */
export interface MapAgainstChance {
  /** Over seeds: the final map, fixed, minus the mean of all maps with as many blocks. */
  readonly difference: MeanInterval;
  readonly p: number | null;
  /** Holm's correction over the controllers. */
  readonly correctedP: number | null;
  readonly sensitivity: Sensitivity | null;
  readonly equivalence: EquivalenceTest | null;
  readonly finding: Finding;
}

export interface ControllerRegret {
  readonly controller: string;
  readonly seeds: readonly RegretOfSeed[];
  readonly value: MeanInterval;
  /** Over the seeds for which there is a number; `null` without one. */
  readonly againstBest: MeanInterval | null;
  readonly againstAsSmall: MeanInterval | null;
  readonly ofMap: MeanInterval | null;
  readonly chance: MapAgainstChance | null;
}

export interface Landscape extends Setting {
  readonly format: 2;
  readonly layers: number;
  readonly space: LandscapeSpace;
  /** Seeds on which every map was trained or failed: the ones that count. */
  readonly seeds: readonly number[];
  readonly askedSeeds: readonly number[];
  /** Trials that have not been run to their end, failures left out; more than none: it can be resumed. */
  readonly unfinished: number;
  /** Best first. Maps that failed on a seed that counts are left out. */
  readonly maps: readonly LandscapeMap[];
  readonly best: BestMap | null;
  readonly stability: RankingStability;
  readonly blocksEffect: BlocksEffect;
  /** Labels of the maps on the Pareto front of the primary metric on validation against unique parameters, fewest first. */
  readonly front: readonly string[];
  readonly controllers: readonly ControllerRegret[];
  readonly failed: readonly FailedTrial[];
  /** A few sentences: what these numbers show, and what they do not. */
  readonly verdict: string;
  readonly config: RunConfig;
}
