/**
 * Which position reads which storage, and which positions are trained: the bookkeeping of tying, without a
 * single tensor. A layout answers a change with the list of edits that the tensors must follow.
 *
 * A storage is named by the position that it was made for; what it holds is one component of one block.
 */
import { ContractError, type Snapshot } from '@ligature/core';
import { z } from 'zod';

export type StorageEdit =
  /** `storage` becomes a block of its own again; it read `from` before, which is still there. */
  | {
      readonly kind: 'create';
      readonly component: string;
      readonly storage: number;
      readonly from: number;
    }
  /** The block of `from` is now that of `to`, with everything that belongs to it. */
  | { readonly kind: 'move'; readonly component: string; readonly from: number; readonly to: number }
  /** Nobody reads `storage` any more. */
  | { readonly kind: 'drop'; readonly component: string; readonly storage: number };

export interface Layout {
  readonly layers: number;
  /** Every component of the model's blocks, tied or not. */
  readonly components: readonly string[];
  /** Canonical: layers with equal entries share every governed component. */
  tieMap(): number[];
  /** Canonical map of one component: its true alias classes. */
  tieMapOf(component: string): number[];
  /** The state that a learner sees. */
  state(): number[];
  /** The storage that `layer` reads for `component`. */
  storage(component: string, layer: number): number;
  /** Whether the weights of this position take a gradient and an update of their own. */
  trains(component: string, layer: number): boolean;
  /** Layers that count as independent in the ledger. */
  independentLayers(): number;
  /** Lets `layer` use what `source` uses, or (`source === layer`) a block of its own. */
  tie(layer: number, source: number, components: readonly string[]): StorageEdit[];
  /** Takes on a whole map for these components. */
  setMap(map: readonly number[], components: readonly string[]): StorageEdit[];
  /** Takes on maps as a file holds them, forgetting everything else. The tensors are replaced as well. */
  load(maps: Readonly<Record<string, readonly number[]>>): void;
  /** Everything above as plain data. */
  snapshot(): Snapshot;
  /** Takes on a snapshot of a layout of the same kind. @throws ContractError (`registry-state-mismatch`) */
  restore(state: Snapshot): void;
}

/** Of saved states. */
export const layerList = z.array(z.int().min(0));

/** Whether every entry is a layer at or before its own. */
export const areLayers = (list: readonly number[], layers: number): boolean =>
  list.length === layers && list.every((source, layer) => source <= layer);

/** @param found what a saved state holds that a registry of this model and these options cannot */
export function stateMismatch(found: string, cause?: unknown): ContractError {
  return new ContractError(
    'registry-state-mismatch',
    {
      asked: 'Restore the weight registry from a saved state',
      found,
      todo: 'Resume with the model and the tying options that the run was started with',
    },
    { cause },
  );
}
