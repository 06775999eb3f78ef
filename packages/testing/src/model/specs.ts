import type { ParameterSpec } from '@ligature/core';
import { broken } from '../harness/finding.js';
import { show } from '../harness/show.js';

const SHARINGS = ['global', 'block', 'position'];

/** @throws Finding of the rule that is being checked */
export function assertSpec({ name, shape, initializer, sharing, component, ...spec }: ParameterSpec): void {
  const wellShaped = Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length > 0);
  if (!wellShaped) broken(`the shape of "${name}" is ${show(shape)}`);
  if (!SHARINGS.includes(sharing)) broken(`the sharing of "${name}" is ${show(sharing)}`);
  if (sharing !== 'block' && component !== undefined) {
    broken(
      `"${name}" is ${sharing}, and says that it belongs to the component ${show(component)} of a block`,
    );
  }
  if (spec.rows !== undefined && spec.rows !== 'inputs' && spec.rows !== 'outputs')
    broken(`the rows of "${name}" are ${show(spec.rows)}`);
  for (const flag of ['trainable', 'decay'] as const) {
    if (spec[flag] !== undefined && typeof spec[flag] !== 'boolean')
      broken(`${flag} of "${name}" is ${show(spec[flag])}`);
  }
  const start =
    initializer?.kind === 'normal'
      ? Number.isFinite(initializer.standardDeviation) && initializer.standardDeviation > 0
      : initializer?.kind === 'constant' && Number.isFinite(initializer.value);
  if (!start) broken(`the initializer of "${name}" is ${show(initializer)}`);
}
