/** A stack's parameters by how they are shared and by component, checked once. */
import { ContractError, InputError, type ParameterSpec, type Stack } from '@ligature/core';

export interface BlockParameters {
  readonly globals: readonly ParameterSpec[];
  /** What every layer has, tied (`block`) or its own (`position`), in the order of the model. */
  readonly layered: readonly ParameterSpec[];
  /** Of the blocks, in order of first appearance. */
  readonly components: readonly string[];
  readonly byComponent: ReadonlyMap<string, readonly ParameterSpec[]>;
  /** Every parameter of the untied stack by its full name: globals, then layer by layer. */
  readonly specs: ReadonlyMap<string, ParameterSpec>;
}

/** Block parameters that name no component belong to this one. */
const UNNAMED = 'block';

export const componentOf = (spec: ParameterSpec): string => spec.component ?? UNNAMED;

/** Number of floats in one tensor of this shape. */
export const sizeOf = (spec: ParameterSpec): number => spec.shape.reduce((size, length) => size * length, 1);

/** @throws ContractError (`parameter-duplicate`) when two parameters would have one full name. */
export function blockParameters(stack: Stack): BlockParameters {
  const globals = stack.parameters.filter((spec) => spec.sharing === 'global');
  const layered = stack.parameters.filter((spec) => spec.sharing !== 'global');
  const specs = new Map<string, ParameterSpec>();
  const add = (name: string, spec: ParameterSpec): void => {
    if (specs.has(name)) {
      throw new ContractError('parameter-duplicate', {
        asked: `Own the weights of the model "${stack.name}"`,
        found: `two parameters have the full name "${name}"`,
        todo: 'Give every parameter of every layer a name of its own',
      });
    }
    specs.set(name, spec);
  };
  for (const spec of globals) add(spec.name, spec);
  for (let layer = 0; layer < stack.layers; layer += 1) {
    for (const spec of layered) add(stack.blockParameterName(layer, spec.name), spec);
  }
  const byComponent = new Map<string, ParameterSpec[]>();
  for (const spec of layered) {
    if (spec.sharing !== 'block') continue;
    const list = byComponent.get(componentOf(spec)) ?? [];
    byComponent.set(componentOf(spec), [...list, spec]);
  }
  return { globals, layered, components: [...byComponent.keys()], byComponent, specs };
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
