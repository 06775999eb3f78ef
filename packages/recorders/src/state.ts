/** The way back from a checkpoint, which is a file: nothing of it is believed. */
import { ContractError, type Snapshot } from '@ligature/core';
import { z } from 'zod';

/** @param file that the state is of. @throws ContractError (`recorder-state-invalid`) */
export function readState<S extends z.ZodType>(schema: S, state: Snapshot, file: string): z.output<S> {
  const parsed = schema.safeParse(state);
  if (parsed.success) return parsed.data;
  throw new ContractError('recorder-state-invalid', {
    asked: `Go on with ${file}`,
    found: z.prettifyError(parsed.error),
    todo: 'Resume from another checkpoint',
  });
}
