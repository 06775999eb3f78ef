/** Lets tensors and moments follow what a layout decided. */
import * as tf from '@tensorflow/tfjs-core';
import type { Model, ParameterSpec } from '@ligature/core';
import type { StorageEdit } from '../layout/layout.js';
import type { SharingOptions } from '../sharing-options.js';
import type { BlockParameters } from './block-parameters.js';
import type { TensorStore } from './tensor-store.js';

export interface EditContext {
  readonly store: TensorStore;
  readonly model: Model;
  readonly parameters: BlockParameters;
  readonly options: SharingOptions;
  /** A freshly initialized weight for a parameter's full name. */
  readonly sample: (name: string, spec: ParameterSpec) => tf.Tensor;
}

export function carryOut(edit: StorageEdit, context: EditContext): void {
  const { store, model, options } = context;
  // The official code's optimizer never forgets the moments of a position.
  const keep = options.profile === 'official' || options.moments === 'keep';
  for (const spec of context.parameters.byComponent.get(edit.component) ?? []) {
    const fullName = (layer: number): string => model.blockParameterName(layer, spec.name);
    if (edit.kind === 'drop') {
      store.dropWeight(fullName(edit.storage));
      if (!keep) store.dropMoments(fullName(edit.storage));
      continue;
    }
    const from = fullName(edit.from);
    if (edit.kind === 'move') {
      const to = fullName(edit.to);
      store.moveWeight(from, to);
      if (store.moments(from)) store.copyMoments(from, to);
      else store.dropMoments(to);
      if (!keep) store.dropMoments(from);
      continue;
    }
    const to = fullName(edit.storage);
    const source = store.weight(from) as tf.Tensor;
    store.setWeight(to, options.untie === 'reinitialize' ? context.sample(to, spec) : tf.clone(source));
    const own = keep && store.moments(to) !== undefined;
    if (!own && options.moments !== 'reset' && store.moments(from)) store.copyMoments(from, to);
  }
}
