import type { Component } from './model.js';
import type { TieMap } from './tie-map.js';

/** How alike two layers are, in one number; docs/controllers/similarity.md has the formulas. */
export type SimilarityKind = 'weight-cosine' | 'hidden-cka' | 'gradient-cosine';

/** What can be measured of the layers of a stack. */
export type MeasurementKind = SimilarityKind | 'tie-cost';

/** Two blocks by their roots, the layers that they begin with: `first < second`. */
export interface BlockPair {
  readonly first: number;
  readonly second: number;
}

/**
 * Whose weights the layers of both blocks use while their tie is tried: those of the first one, as after a merge; those of
 * the second one; the mean of both; or of the first two the cheaper.
 */
export type Substitute = 'first' | 'second' | 'mean' | 'best';

/** How alike every two layers are. */
export interface SimilarityQuestion {
  readonly measure: SimilarityKind;
}

/** What it would cost if two blocks were one: loss with the one substituted for the other, minus the loss now. */
export interface TieCostQuestion {
  readonly measure: 'tie-cost';
  /** Which pairs of blocks of the observation's map; left out: `adjacent`, those with layers next to each other. */
  readonly pairs?: 'adjacent' | 'all' | readonly BlockPair[];
  /** Left out: `first`. */
  readonly substitute?: Substitute;
  /** Batches that all losses are means over, the same ones in the whole run; left out: 4. */
  readonly batches?: number;
}

export type Question = SimilarityQuestion | TieCostQuestion;

/** How alike the layers are. */
export interface Similarity {
  readonly kind: SimilarityKind;
  /** [layers][layers]: symmetric, 1 on the diagonal, from -1 to 1, rounded to six decimals. */
  readonly matrix: readonly (readonly number[])[];
}

export interface TieCost extends BlockPair {
  /** In the unit of the task's loss, above the loss now; negative where the substitute is better. Six decimals. */
  readonly cost: number;
}

/** What pairs of blocks would lose by being one, all on the same batches: no chance lies between two of the costs. */
export interface TieCosts {
  readonly kind: 'tie-cost';
  readonly substitute: Substitute;
  readonly batches: number;
  /** Mean loss on these batches as the blocks are now. */
  readonly loss: number;
  /** In the order of the question; of `adjacent` and `all` by `first`, then by `second`. */
  readonly pairs: readonly TieCost[];
}

/** What was measured because a controller asked for it. Plain frozen data. */
export type Measurement = Similarity | TieCosts;

/** A question with everything filled in: what is carried out. */
export type MeasurementOrder =
  | SimilarityQuestion
  | {
      readonly measure: 'tie-cost';
      /** The part of the blocks that is substituted; `null`: all that is tied. */
      readonly component: Component | null;
      /** Canonical: of `component`, or of whole blocks. */
      readonly tieMap: TieMap;
      readonly pairs: readonly BlockPair[];
      readonly substitute: Substitute;
      readonly batches: number;
    };

/** What measuring took, in the currency of training. */
export interface MeasuringCost {
  /** Targets that training steps of as many operations would have seen; a whole number. */
  readonly tokens: number;
  /** Floating-point operations, by the ledger: a forward pass, or a forward and a backward one, for each batch. */
  readonly flops: number;
}

export interface Measured {
  readonly measurement: Measurement;
  readonly cost: MeasuringCost;
}
