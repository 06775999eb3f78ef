import type { Measurement, Question } from './measurement.js';
import type { Component } from './model.js';
import type { RandomStream } from './random.js';
import type { Snapshotable } from './snapshot.js';
import type { TieMap } from './tie-map.js';

/** What a controller sees when it decides. Plain frozen data; chance comes beside it, as the second argument of `decide`. */
export interface Observation {
  /** Number of the window that the decision opens, from 0. */
  readonly window: number;
  /** Number of the sweep over what is decided on (by default layers 1..L-1) that the window belongs to, from 0. */
  readonly sweep: number;
  /** Training steps done so far. */
  readonly step: number;
  /** Share of the budget that is spent, 0..1. */
  readonly progress: number;
  readonly layers: number;
  /** The layer to decide on, 1..L-1; `null` when the stack has one layer only, or the whole map is to be decided on. */
  readonly layer: number | null;
  /** The part of the blocks to decide on (attention, mlp, norms), `tieMap` then being its map; `null`: whole blocks. */
  readonly component: Component | null;
  /** The canonical tie map in force. */
  readonly tieMap: TieMap;
  /** The canonical map of every component that is tied. All are `tieMap` as long as nobody decides on components. */
  readonly tieMaps: Readonly<Record<string, TieMap>>;
  /** The state vector a learner reads: equal to `tieMap`, except under `official`, where it is the action log. */
  readonly state: readonly number[];
  /**
   * Training losses of the last window, oldest first; empty before the first step. In `Transition.next` those
   * of the window that was closed; fewer than usual where the budget ended it early.
   */
  readonly recentLosses: readonly number[];
  /**
   * What `wants` asked for in this window. Absent when it asked for nothing, or when nobody measures, and always in
   * `Transition.next`: that window is not open yet.
   */
  readonly measured?: Measurement;
}

/** Optional notes on how a decision was made. Recorded with it, never interpreted. */
export interface DecisionNotes {
  readonly explored?: boolean;
  readonly epsilon?: number;
  /** Values of the possible actions, in the order sources 0..layer (the last one = independent). */
  readonly values?: readonly number[];
  /** What each candidate would cost, by its name: `2+3` for the blocks that begin with layers 2 and 3. */
  readonly costs?: Readonly<Record<string, number>>;
  /** How well the candidates agree, by the same names. */
  readonly agreements?: Readonly<Record<string, number>>;
}

export type Decision =
  /** Layer `layer` uses the block of `source` (< layer), or its own (`source === layer`). */
  | {
      readonly kind: 'layer';
      readonly layer: number;
      readonly source: number;
      /** Of this part of the block only; left out: what the observation names, by default whole blocks. */
      readonly component?: Component;
      readonly notes?: DecisionNotes;
    }
  /** The whole map at once. */
  | {
      readonly kind: 'map';
      readonly tieMap: TieMap;
      /** Of this part of the blocks only; left out: what the observation names, by default whole blocks. */
      readonly component?: Component;
      readonly notes?: DecisionNotes;
    }
  /** Leave everything as it is. */
  | { readonly kind: 'keep'; readonly notes?: DecisionNotes };

/** One closed window: what was seen, what was done, what came of it. */
export interface Transition {
  readonly observation: Observation;
  readonly decision: Decision;
  readonly reward: number;
  /** What the next decision will see (its `layer` is the next layer of the sweep). */
  readonly next: Observation;
  /** The problem itself ended: no bootstrap. Tying has no terminal state, so this stays false. */
  readonly terminated: boolean;
  /** The budget ran out: not an ending, a learner still bootstraps. */
  readonly truncated: boolean;
}

/** What a learner reports of one update; numbers only. */
export type LearningReport = Readonly<Record<string, number>>;

/** Whose turn it is in a window. */
export interface Turn {
  /** Number of the sweep, from 0; for people and schedules of a controller's own. */
  readonly sweep: number;
  /** The layer to decide on; `null`: the whole map. */
  readonly layer: number | null;
  /** The part of the block to decide on; `null`: whole blocks. */
  readonly component: Component | null;
}

/** What a controller may order its turns by. */
export interface TurnContext {
  readonly layers: number;
  /** The components that can be decided on alone: all that are tied; none where whole blocks are (`official`). */
  readonly components: readonly Component[];
}

/** Decides which layers share weights. Never sees the model, the weights or the trainer. */
export interface Controller extends Snapshotable {
  /** The map before the first step; none: every layer independent. */
  initial?(layers: number): TieMap;
  /**
   * On what it decides in a window; a pure function of its arguments. Left out: `tying.order` of the configuration, by
   * default layers 1..L-1 one after the other, whole blocks.
   */
  turn?(window: number, context: TurnContext): Turn;
  /**
   * Asked before `decide`, with the observation as it is without a measurement; nothing wanted: `undefined`. A name
   * alone asks with the defaults of its question. Measuring costs passes over batches, so ask in the windows that need
   * it. Changes nothing.
   */
  wants?(observation: Observation): Question['measure'] | Question | undefined;
  /** Asked once when a window opens; a controller without it keeps its initial map. */
  decide?(observation: Observation, random: RandomStream): Decision | Promise<Decision>;
  /** Told once when the window's reward is known. What it returns is recorded; nothing is fine, too. */
  // `void` for what is written `learn() {}` or `async learn() {}`.
  learn?(
    transition: Transition,
  ): LearningReport | undefined | void | Promise<LearningReport | undefined | void>;
  dispose?(): void;
}
