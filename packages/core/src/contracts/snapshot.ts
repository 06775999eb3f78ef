/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * State that a run can be resumed from: JSON, with typed arrays where a list of numbers would be large.
 * A checkpoint stores the arrays as tensors and the rest as JSON.
 */
export type Snapshot =
  | null
  | boolean
  | number
  | string
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | readonly Snapshot[]
  | { readonly [key: string]: Snapshot };

/** Anything that moves during a run. `restore(snapshot())` on a fresh instance goes on exactly where it was. */
export interface Snapshotable {
  snapshot(): Snapshot;
  /** @throws ContractError when the state does not fit this instance. */
  restore(state: Snapshot): void;
}
