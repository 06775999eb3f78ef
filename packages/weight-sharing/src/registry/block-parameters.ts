/** A model's parameters by scope and component, checked once. */
import { ContractError, InputError, type Model, type ParameterSpec } from '@ligature/core';

export interface BlockParameters {
  readonly globals: readonly ParameterSpec[];
  readonly blocks: readonly ParameterSpec[];
  /** In order of first appearance. */
  readonly components: readonly string[];
  readonly byComponent: ReadonlyMap<string, readonly ParameterSpec[]>;
}

/** Block parameters that name no component belong to this one. */
const UNNAMED = 'block';

export const componentOf = (spec: ParameterSpec): string => spec.component ?? UNNAMED;

/** Number of floats in one tensor of this shape. */
export const sizeOf = (spec: ParameterSpec): number => spec.shape.reduce((size, length) => size * length, 1);

/** @throws ContractError (`parameter-duplicate`) when two parameters would have one full name. */
export function blockParameters(model: Model): BlockParameters {
  const globals = model.parameters.filter((spec) => spec.scope === 'global');
  const blocks = model.parameters.filter((spec) => spec.scope === 'block');
  const names = globals.map((spec) => spec.name);
  for (let layer = 0; layer < model.layers; layer += 1) {
    names.push(...blocks.map((spec) => model.blockParameterName(layer, spec.name)));
  }
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) {
    throw new ContractError('parameter-duplicate', {
      asked: `Own the weights of the model "${model.name}"`,
      found: `two parameters have the full name "${twice}"`,
      todo: 'Give every parameter of every layer a name of its own',
    });
  }
  const byComponent = new Map<string, ParameterSpec[]>();
  for (const spec of blocks) {
    const list = byComponent.get(componentOf(spec)) ?? [];
    byComponent.set(componentOf(spec), [...list, spec]);
  }
  return { globals, blocks, components: [...byComponent.keys()], byComponent };
}

/** @throws InputError (`component-unknown`) for a component that the model does not have. */
export function assertComponents(wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((component) => !known.includes(component));
  if (unknown === undefined) return;
  throw new InputError('component-unknown', {
    asked: `Tie the component "${unknown}"`,
    found: `the model's blocks have no such component; known: ${known.join(', ') || 'none'}`,
    todo: 'Name components of the model',
  });
}
