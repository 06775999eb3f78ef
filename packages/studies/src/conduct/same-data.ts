/** Trials that learn from one dataset are set beside each other: all of them must have had the same data. */
import {
  InputError,
  type PlannedTrial,
  type RunConfig,
  type TrialResult,
  type TrialStore,
} from '@ligature/core';
import { z } from 'zod';
import { readJson, type Settle } from './trial-state.js';

type Digests = Readonly<Record<string, string>>;

const kept = z.looseObject({
  digests: z.record(z.string(), z.string()),
  outcome: z.literal('completed'),
});

/** What is known of the data of a study's trials. A sweep may vary it: then each has its own. */
export class SameData {
  private readonly known = new Map<string, { readonly digests: Digests; readonly trial: PlannedTrial }>();

  constructor(private readonly settle: Settle) {}

  /** From the results that lie there already. */
  async recall(trials: readonly PlannedTrial[], store: TrialStore): Promise<void> {
    for (const trial of trials) {
      const { data } = kept.safeParse(await readJson(store, trial.id, 'result.json'));
      if (data) this.remember(trial, data.digests);
    }
  }

  /** What a further trial has to find; `undefined` where none is known. */
  expected({ config }: PlannedTrial): Digests | undefined {
    return this.known.get(this.keyOf(config))?.digests;
  }

  /** @throws InputError (`run-data-changed`) where a trial had other data than one before it */
  add(trial: PlannedTrial, { digests }: Pick<TrialResult, 'digests'>): void {
    // Results of older versions do not say.
    if (digests === undefined) return;
    const before = this.known.get(this.keyOf(trial.config));
    const changed = Object.keys(digests).filter(
      (split) => (before?.digests[split] ?? digests[split]) !== digests[split],
    );
    if (before && changed.length > 0) {
      throw new InputError('run-data-changed', {
        asked: `Set ${trial.label}, seed ${trial.seed} beside ${before.trial.label}, seed ${before.trial.seed}`,
        found: `the data of the two (${changed.join(', ')}) is not the same: it was changed in between`,
        todo: 'Put the data back as it was and move the folder of the one that had other data away, or begin again in a new folder',
      });
    }
    this.remember(trial, digests);
  }

  private remember(trial: PlannedTrial, digests: Digests): void {
    const key = this.keyOf(trial.config);
    if (!this.known.has(key)) this.known.set(key, { digests, trial });
  }

  private keyOf(config: RunConfig): string {
    const { task, dataset, tokenizer } = this.settle(config);
    return JSON.stringify([task, dataset, tokenizer]);
  }
}
