/** What the server tells the page: plain JSON. The page's scripts are checked against these types. */

/** `stopped`: no process is at it, and it has not come to its end. */
export type RunState = 'running' | 'finished' | 'stopped' | 'failed';

/** One line of the table. Numbers are `null` until the log has told them. */
export interface RunSummary {
  /** Stands for the run in requests; says nothing of where it lies. */
  readonly id: string;
  /** Path below the folder that is watched, with `/`. */
  readonly name: string;
  readonly controller: string;
  readonly seed: number | null;
  readonly layers: number | null;
  readonly step: number;
  /** Steps that were asked for. */
  readonly steps: number | null;
  /** Mean training loss of the last 20 steps. */
  readonly loss: number | null;
  /** Of the last validation: the metric that the task puts first. */
  readonly validation: number | null;
  /** Layers with a block of their own. */
  readonly ownBlocks: number | null;
  /** What the task counts, over the last 50 steps. */
  readonly tokensPerSecond: number | null;
  /** What that is: `tokens`, `rows`. */
  readonly unit: string;
  readonly state: RunState;
  /** Lines of the log that could not be read. */
  readonly damagedLines: number;
  /** Steps before the first one that the log tells of, where its beginning is gone. */
  readonly missingSteps?: number;
  readonly warnings: number;
  /** Whether there is more in the log than was read so far. */
  readonly loading: boolean;
}

/** A curve by columns; each value is the mean since the point before. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** Layer, owner of the block it used, from step, to step. */
export type Stretch = readonly [layer: number, owner: number, from: number, to: number];

export interface LastDecision {
  readonly window: number;
  readonly step: number;
  readonly layer: number | null;
  readonly source: number | null;
  readonly kind: 'layer' | 'map' | 'keep';
  readonly explored: boolean | null;
  readonly epsilon: number | null;
  /** Values of the possible actions: sources 0..layer. */
  readonly values: readonly number[];
  /** `null` until the window has closed. */
  readonly reward: number | null;
}

/** The curves that the page draws for a run, beside the validation. */
export const CURVES = ['loss', 'reward', 'epsilon', 'value'] as const;
export type CurveName = (typeof CURVES)[number];

/** What is drawn of a run that is selected. */
export interface RunDetail {
  readonly id: string;
  readonly layers: number;
  /** Steps that were asked for, or done if these are more. */
  readonly steps: number;
  readonly step: number;
  readonly curves: Readonly<Record<CurveName, Curve>>;
  readonly validation: Curve;
  /** What the loss and the validation are numbers of, and whether one axis has room for both. */
  readonly axes: { readonly loss: string; readonly validation: string; readonly together: boolean };
  readonly stretches: readonly Stretch[];
  readonly decision: LastDecision | null;
}

/** Sent once when the page connects. */
export interface Hello {
  readonly folder: string;
  /** Colours of the blocks by their owner, and what can be read on them. */
  readonly colors: readonly { readonly fill: string; readonly ink: string }[];
}

export interface RunsChanged {
  /** Whether these are all there are, or only those that changed. */
  readonly all: boolean;
  readonly runs: readonly RunSummary[];
  /** Ids of runs whose folders are gone. */
  readonly gone: readonly string[];
  /** Folders of runs beyond the number that is watched. */
  readonly left: number;
}

/** The events of the stream, by their names. */
export interface StreamEvents {
  readonly hello: Hello;
  readonly runs: RunsChanged;
  readonly detail: RunDetail;
}
