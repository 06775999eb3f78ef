import type { Json, Snapshot } from './snapshot.js';

/** Weights by full parameter name, row-major, with text about them (tie maps). What a safetensors file holds. */
export interface WeightsFile {
  readonly tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  >;
  /** `tieMap`: JSON list, the map of whole blocks. `tieMaps`: JSON object, one list per component. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Weights from somewhere, as plain data. */
export interface WeightSource {
  readonly weights: WeightsFile;
  /** What the registry remembers beside them (optimizer slots, layout), where the source has it. */
  readonly registry?: Snapshot;
  /** Digests by split of the data that they were trained on, where known: then the run must be on the same. */
  readonly digests?: Readonly<Record<string, string>>;
  /** Where they came from, for the manifest. */
  readonly origin: Readonly<Record<string, Json>>;
}

/** A kind of place that weights come from: a run, a folder of another tool, a single file. */
export interface Weights {
  /** @throws InputError when there is nothing, or nothing that can be read */
  open(): Promise<WeightSource>;
}
