import { describeIssues, InputError } from '@ligature/core';
import type { z } from 'zod';

/** @throws InputError (`options-invalid`) */
export function parseOptions<S extends z.ZodType>(
  optimizer: string,
  schema: S,
  options: unknown,
): z.output<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError('options-invalid', {
    asked: `Create the optimizer ${optimizer}`,
    found: describeIssues(parsed.error, { value: options, schema }),
    todo: `See \`ligature plugins ${optimizer}\` for what it takes`,
  });
}
