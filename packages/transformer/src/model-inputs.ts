/** Facts of the data that a model is made for, and what is said where they are missing or contradict an option. */
import { InputError } from '@ligature/core';
import type { ModelInputs } from '@ligature/core';

/** @throws InputError (`model-input-missing`) naming what the data says */
export function modelInput(inputs: ModelInputs, name: string, model: string, learns: string): number {
  const value = inputs[name];
  if (value !== undefined) return value;
  const names = Object.keys(inputs);
  throw new InputError('model-input-missing', {
    asked: `Make a ${model} for the data of this task`,
    found: `the data says ${names.length > 0 ? names.join(', ') : 'nothing'}, and no ${name}`,
    todo: `Choose a task that learns from ${learns}, or another model`,
  });
}

/**
 * An option that the data may say instead.
 *
 * @throws InputError (`model-input-differs`) where both say it and differ
 */
export function agreedInput(
  inputs: ModelInputs,
  name: string,
  option: number | undefined,
): number | undefined {
  const value = inputs[name];
  if (value === undefined || option === undefined || value === option) return option ?? value;
  throw new InputError('model-input-differs', {
    asked: `Make a model with ${name} ${option}`,
    found: `${name} of the data is ${value}`,
    todo: `Leave the option out, or give ${value}`,
  });
}
