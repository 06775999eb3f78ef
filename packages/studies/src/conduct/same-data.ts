/** Trials that learn from one dataset are set beside each other: all of them must have had the same data, and be measured on the same of it. */
import {
  batchesSetApart,
  InputError,
  type PlannedTrial,
  type RunConfig,
  type TrialResult,
  type TrialStore,
} from '@ligature/core';
import { z } from 'zod';
import { measuredKey } from '../presentation/measured.js';
import { readJson, type Settle } from './trial-state.js';

type Digests = Readonly<Record<string, string>>;

const subset = z.strictObject({ batches: z.number(), of: z.number(), apart: z.number().optional() });
const kept = z.looseObject({
  digests: z.record(z.string(), z.string()).default({}),
  subset: z.record(z.string(), subset).optional(),
  outcome: z.literal('completed'),
});

interface Measured {
  readonly key: string;
  readonly trial: PlannedTrial;
}

/** What is known of the data of a study's trials. A sweep may vary it: then each has its own. */
export class SameData {
  private readonly known = new Map<string, { readonly digests: Digests; readonly trial: PlannedTrial }>();
  /** By all that the choice of batches follows from. */
  private readonly measured = new Map<string, Measured>();

  constructor(private readonly settle: Settle) {}

  /** From the results that lie there already. */
  async recall(trials: readonly PlannedTrial[], store: TrialStore): Promise<void> {
    for (const trial of trials) {
      const { data } = kept.safeParse(await readJson(store, trial.id, 'result.json'));
      if (!data) continue;
      if (Object.keys(data.digests).length > 0) this.remember(trial, data.digests);
      this.rememberMeasured(trial, data as Pick<TrialResult, 'subset'>);
    }
  }

  /** What a further trial has to find; `undefined` where none is known. */
  expected({ config }: PlannedTrial): Digests | undefined {
    return this.known.get(this.keyOf(config))?.digests;
  }

  /**
   * @throws InputError (`run-data-changed`) where a trial had other data than one before it, (`measured-mixed`) where it was
   *   measured on other batches of it
   */
  add(trial: PlannedTrial, result: Pick<TrialResult, 'digests' | 'subset' | 'outcome'>): void {
    const { digests, outcome } = result;
    // One that was stopped was not measured.
    if (outcome === 'completed') this.assertMeasuredAlike(trial, result);
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

  /** Trials of one configuration are measured alike by one version; an earlier one took whole splits. */
  private assertMeasuredAlike(trial: PlannedTrial, result: Pick<TrialResult, 'subset'>): void {
    const before = this.rememberMeasured(trial, result);
    if (before.key === measuredKey(result)) return;
    throw new InputError('measured-mixed', {
      asked: `Set ${trial.label}, seed ${trial.seed} beside ${before.trial.label}, seed ${before.trial.seed}`,
      found: 'the one was measured on whole splits and the other on some of their batches, or on others',
      todo: 'Set evaluation.final.batches to all for both, or begin again in a new folder',
    });
  }

  /** The first one of its configuration, which may be this one. */
  private rememberMeasured(trial: PlannedTrial, result: Pick<TrialResult, 'subset'>): Measured {
    const { training, evaluation, model, tying } = this.settle(trial.config);
    const { batch, accumulation, steps, budget } = training;
    const sizes = [batch, accumulation, steps, budget, evaluation, model, batchesSetApart(tying)];
    const alike = `${this.keyOf(trial.config)} ${JSON.stringify(sizes)}`;
    const first = this.measured.get(alike) ?? { key: measuredKey(result), trial };
    this.measured.set(alike, first);
    return first;
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
