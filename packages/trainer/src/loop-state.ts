/** What the training loop has to remember from one step to the next. */
import { ContractError, describeIssues } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { z } from 'zod';

const count = z.int().min(0);
const schema = z.strictObject({
  step: count,
  tokens: count,
  window: count,
  losses: z.array(z.number()).nullable(),
  skipped: z.array(count),
  done: z.boolean(),
  // Checkpoints of before budgets have neither.
  flops: z.number().min(0).default(0),
  milliseconds: z.number().min(0).default(0),
  // Those of before an evaluation could be stopped begin it again.
  measured: count.default(0),
  // Nor have they anything of measuring.
  measuring: z.strictObject({ tokens: count, flops: z.number().min(0) }).default({ tokens: 0, flops: 0 }),
});

/**
 * `losses`: those of the open window, `null` when none is open; `skipped`: windows that diverged; `done`: the run is
 * complete; `flops`, `milliseconds`, `measuring`: what is spent of the budget; `measured`: splits of the final
 * evaluation that are done.
 */
export type LoopState = z.output<typeof schema>;

/** @throws ContractError (`trainer-state-invalid`) */
export function parseLoopState(state: Snapshot): LoopState {
  const parsed = schema.safeParse(state);
  if (parsed.success) return parsed.data;
  throw new ContractError('trainer-state-invalid', {
    asked: 'Restore the training loop',
    found: describeIssues(parsed.error),
    todo: 'Use the state of a trainer of this version',
  });
}
