/** What the ledger says at the end of each sweep over the layers: an episode, in the words of the official code. */
import { largest } from '@ligature/core';
import type { LigatureEvent } from '@ligature/core';

export interface SweepCount {
  /** From 1. */
  readonly sweep: number;
  /** Layers that the action log calls independent. */
  readonly independent: number;
  /** Blocks that exist: distinct weight storages. */
  readonly storages: number;
}

export interface SweepCounter {
  observe(event: LigatureEvent): void;
  /** Of the sweeps that were completed. */
  counts(): SweepCount[];
}

/** Counts after the last window of each sweep; a sweep has a window for each layer but the first. */
export function lastSweeps(layers: number): SweepCounter {
  const windows = layers - 1;
  const counts: SweepCount[] = [];
  return {
    observe(event) {
      if (event.type !== 'tying.applied' || (event.window + 1) % windows !== 0) return;
      const { independentLayers, distinctStorages } = event.ledger;
      counts.push({
        sweep: (event.window + 1) / windows,
        independent: independentLayers,
        storages: largest(Object.values(distinctStorages)),
      });
    },
    counts: () => counts,
  };
}
