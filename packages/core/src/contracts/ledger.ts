/** The honest counts of a tie map. Parameters are numbers of floats; bytes are float32 bytes. */
export interface Ledger {
  readonly layers: number;
  /** Layers whose every component is their own. */
  readonly independentLayers: number;
  /** Distinct weight storages per component: equals the independent positions of it, except under `official`. */
  readonly distinctStorages: Readonly<Record<string, number>>;
  /** Parameters that are stored: each block once, plus the globals. */
  readonly uniqueParameters: number;
  /** Parameters that take a gradient, each storage once. */
  readonly trainableParameters: number;
  /** Parameters as the official code logs them: every position that takes a gradient, aliases counted again. */
  readonly loggedTrainableParameters: number;
  /** Parameters of the same stack with nothing tied. */
  readonly totalParameters: number;
  readonly bytes: LedgerBytes;
  /** Operations of one training step over one batch: forward, backward, and their sum. */
  readonly flops: { readonly forward: number; readonly backward: number; readonly step: number };
}

export interface LedgerBytes {
  readonly weights: number;
  readonly gradients: number;
  /** Optimizer moments that exist now (AdamW: two per trained parameter, made at its first update). */
  readonly moments: number;
  readonly activations: number;
}
