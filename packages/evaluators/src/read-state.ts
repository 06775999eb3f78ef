/** Reads back what an evaluator saved: a checkpoint may come from elsewhere, so everything is checked. */
import { ContractError, describeIssues } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import type { z } from 'zod';

/** @throws ContractError (`evaluator-state-invalid`) */
export function readState<T>(whose: string, schema: z.ZodType<T>, state: Snapshot): T {
  const parsed = schema.safeParse(state);
  if (parsed.success) return parsed.data;
  throw new ContractError('evaluator-state-invalid', {
    asked: `Restore ${whose} from a saved state`,
    found: describeIssues(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}
