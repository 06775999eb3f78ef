/** Lets tensors and optimizer slots follow what a layout decided. */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '@ligature/core';
import type { StorageEdit } from '../layout/layout.js';
import type { SharingOptions } from '../sharing-options.js';
import type { TensorStore } from './tensor-store.js';
import type { Wiring } from './wiring.js';

export interface EditContext {
  readonly store: TensorStore;
  readonly wiring: Wiring;
  readonly options: SharingOptions;
  /** A freshly initialized weight for a parameter's full name. */
  readonly sample: (name: string, spec: ParameterSpec) => tf.Tensor;
}

export function carryOut(edit: StorageEdit, { store, wiring, options, sample }: EditContext): void {
  // The official code's optimizer never forgets the moments of a position.
  const keep = options.profile === 'official' || options.moments === 'keep';
  for (const spec of wiring.parameters.byComponent.get(edit.component) ?? []) {
    if (edit.kind === 'drop') {
      const name = wiring.name(spec, edit.storage);
      store.dropWeight(name);
      if (!keep) store.dropSlots(name);
      continue;
    }
    const from = wiring.name(spec, edit.from);
    const to = wiring.name(spec, edit.kind === 'move' ? edit.to : edit.storage);
    // A frozen block is never updated: what another one's updates left would only take up room.
    const inherits = store.slots(from) !== undefined && !wiring.frozen.has(to);
    if (edit.kind === 'move') {
      store.moveWeight(from, to);
      if (inherits) store.copySlots(from, to);
      else store.dropSlots(to);
      if (!keep) store.dropSlots(from);
      continue;
    }
    const source = store.weight(from) as tf.Tensor;
    store.setWeight(to, options.untie === 'reinitialize' ? sample(to, spec) : tf.clone(source));
    const own = keep && store.slots(to) !== undefined;
    if (!own && options.moments !== 'reset' && inherits) store.copySlots(from, to);
  }
}
