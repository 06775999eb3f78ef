/** All that controllers may ask to have measured, and what it takes. */
import type {
  Batch,
  BatchShape,
  Ledger,
  Measured,
  Measurement,
  MeasurementOrder,
  Objective,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import type { CompilationStatistics } from '../compiling.js';
import { measureSimilarity } from '../layer-similarity/measure-similarity.js';
import { measureTieCosts, passesOf } from './measure-tie-costs.js';
import { passesCost, type Pass } from './passes-cost.js';
import { Scorer } from './scorer.js';

export interface MeasuringParts {
  readonly objective: Objective;
  readonly registry: WeightRegistry;
  /** The honest counts of the tie map in force, for one batch of a shape. */
  readonly ledger: (shape: BatchShape) => Ledger;
  /** The first so many of a fixed list: the same ones whenever they are asked for. */
  readonly batches: (count: number) => readonly Batch[];
}

export class Measuring {
  readonly #scorer: Scorer;

  constructor(private readonly parts: MeasuringParts) {
    this.#scorer = new Scorer(parts.objective);
  }

  /**
   * Measures with the weights as they are now. Neither they nor anything else of the run changes by it.
   *
   * @throws InputError (`model-without-hidden`), LigatureError (`similarity-not-finite`, `measurement-not-finite`)
   */
  async measure(order: MeasurementOrder): Promise<Measured> {
    const batches = this.parts.batches(order.measure === 'tie-cost' ? order.batches : 1);
    // Before the measurement: a ledger counts what there is, and measuring must not be charged for itself.
    const { passes, of } = passesFor(order);
    const cost = passesCost(this.parts.ledger, batches, passes, of);
    return { measurement: await this.#measurement(order, batches), cost };
  }

  /** Of the forward passes; absent where the backend compiles nothing. */
  get statistics(): CompilationStatistics | undefined {
    return this.#scorer.statistics;
  }

  /** Lets go of what was compiled. */
  dispose(): void {
    this.#scorer.dispose();
  }

  async #measurement(order: MeasurementOrder, batches: readonly Batch[]): Promise<Measurement> {
    const { objective, registry } = this.parts;
    if (order.measure === 'tie-cost') return measureTieCosts(this.#scorer, registry, order, batches);
    const kind = order.measure;
    return { kind, matrix: await measureSimilarity(objective, registry, kind, batches[0] as Batch) };
  }
}

/** Passes over every batch, forward alone or with a backward one. */
function passesFor(order: MeasurementOrder): { readonly passes: number; readonly of: Pass } {
  switch (order.measure) {
    case 'weight-cosine':
      return { passes: 0, of: 'forward' };
    case 'hidden-cka':
      return { passes: 1, of: 'forward' };
    case 'gradient-cosine':
      return { passes: 1, of: 'step' };
    case 'tie-cost':
      return { passes: passesOf(order), of: 'forward' };
  }
}
