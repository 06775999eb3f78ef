import { describeIssues, InputError } from '@ligature/core';
import type { z } from 'zod';

/**
 * Options with their defaults.
 *
 * @param model its name, for the message
 * @throws InputError (`model-options-invalid`) for a value out of range or an unknown option
 */
export function checkedOptions<S extends z.ZodType>(schema: S, options: unknown, model: string): z.output<S> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw invalidOptions(model, describeIssues(parsed.error));
  return parsed.data;
}

export const invalidOptions = (model: string, found: string): InputError =>
  new InputError('model-options-invalid', {
    ...{ asked: `Build a ${model} model`, found, todo: 'Correct these options' },
  });
