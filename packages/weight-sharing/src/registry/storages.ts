/** Walks over the weights of a model, with full names. */
import type { Model, ParameterSpec } from '@ligature/core';
import type { Layout } from '../layout/layout.js';
import { componentOf, type BlockParameters } from './block-parameters.js';

export interface NamedStorage {
  /** Full name of the first layer that reads it: its name in files. */
  readonly name: string;
  /** Its own full name. */
  readonly storage: string;
  readonly spec: ParameterSpec;
}

/** Every storage of a layout once: globals, then layer by layer. */
export function* storagesOf(
  model: Model,
  parameters: BlockParameters,
  layout: Layout,
): Generator<NamedStorage> {
  for (const spec of parameters.globals) yield { name: spec.name, storage: spec.name, spec };
  const seen = new Set<string>();
  for (let layer = 0; layer < layout.layers; layer += 1) {
    for (const spec of parameters.blocks) {
      const storage = model.blockParameterName(layout.storage(componentOf(spec), layer), spec.name);
      if (seen.has(storage)) continue;
      seen.add(storage);
      yield { name: model.blockParameterName(layer, spec.name), storage, spec };
    }
  }
}

/** Every parameter of the untied model by its full name: globals, then layer by layer. */
export function specsByName(model: Model, parameters: BlockParameters): Map<string, ParameterSpec> {
  const specs = new Map(parameters.globals.map((spec) => [spec.name, spec]));
  for (let layer = 0; layer < model.layers; layer += 1) {
    for (const spec of parameters.blocks) specs.set(model.blockParameterName(layer, spec.name), spec);
  }
  return specs;
}
