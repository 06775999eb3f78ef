import { InputError } from '@ligature/core';

/** @throws InputError (`sequence-length-invalid`) for a sequence that does not fit the context */
export function assertTime(time: number, context: number): void {
  if (time >= 1 && time <= context) return;
  throw new InputError('sequence-length-invalid', {
    asked: `Run a sequence of ${time} tokens`,
    found: `the model has ${context} positions`,
    todo: `Give it between 1 and ${context} tokens`,
  });
}
