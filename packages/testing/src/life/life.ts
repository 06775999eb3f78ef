/**
 * What controllers, rewards and evaluators have in common: they live through the windows of a run, remember, are
 * saved and go on. A stage plays a script to one of them, step by step; the rules of a life cut it, take it back and
 * compare.
 */
import type { Snapshot } from '@ligature/core';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { once } from '../harness/once.js';

/** The seed of what is played once, and of the one that is compared with others. */
export const SEED = 7;

/** One playing of the script. */
export interface Scene {
  readonly seed: number;
  readonly calls: Calls;
  /** Which of the stage's scripts. */
  readonly script: string;
}

/** What a step brought about. */
export interface Came {
  /** `decide in window 3 of 12 layers` */
  readonly at: string;
  /** Plain data. */
  readonly what: unknown;
}

/** A place in a life that it can be taken up from. */
export interface Mark {
  /** Its own snapshot, as it gave it; `undefined` where it has none to give. */
  readonly state: Snapshot | undefined;
  /** Everything around it. */
  readonly place: unknown;
}

export interface Life {
  readonly at: number;
  readonly length: number;
  step(): Promise<Came>;
  mark(): Mark;
  /** Goes on from an earlier mark with the same instance, as a run does that rolls back. */
  rollBack(mark: Mark): void;
  /** Ends it and releases what it holds. @returns the last thing to compare: its sums, its final state */
  end(): Promise<Came>;
}

export interface Stage {
  /** Scripts that the thing must get through; the first one is the longest and most telling. */
  readonly scripts: readonly string[];
  /** Those in which it is saved and goes on; the first one if left out. */
  readonly saved?: readonly string[];
  /** A fresh instance at the beginning of a script, or, given a mark, at its place with the mark's state restored. */
  begin(scene: Scene, mark?: Mark): Promise<Life>;
}

/** @throws Finding (of `snapshot-plain`) when there is none */
export function snapshotOf(made: { snapshot?(): Snapshot }, calls: Calls): Snapshot {
  const state: Snapshot | undefined = calls.now('snapshot', () => made.snapshot?.());
  if (state === undefined) throw new Finding('snapshot gave undefined', 'snapshot-plain');
  return state;
}

/** Plays to the end, or to step `until`, and returns what came. */
export async function play(life: Life, until = life.length): Promise<Came[]> {
  const came: Came[] = [];
  while (life.at < until) came.push(await life.step());
  return came;
}

/** Plays every script once; the rules that only look at what that stumbles over share the outcome. */
export const playEverything = (stage: () => Promise<Stage>, calls: Calls): (() => Promise<readonly Came[]>) =>
  once(async () => {
    const set = await stage();
    const came: Came[] = [];
    for (const script of set.scripts) came.push(...(await playWhole(set, { seed: SEED, calls, script })));
    return came;
  });

/** A whole life. */
export async function playWhole(stage: Stage, scene: Scene): Promise<Came[]> {
  const life = await stage.begin(scene);
  const came = await play(life);
  return [...came, await life.end()];
}
