/** What the training loop has to remember from one step to the next. */
import { bestStepSchema, ContractError, describeIssues } from '@ligature/core';
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
  // Before there was a choice, the last step was measured.
  best: bestStepSchema.nullable().default(null),
  compared: count.default(0),
});

/**
 * `losses`: those of the open window, `null` when none is open; `skipped`: windows that diverged; `done`: the run is
 * complete; `flops`, `milliseconds`, `measuring`: what is spent of the budget; `measured`: splits of the final
 * evaluation that are done; `best`, `compared`: the best step by the validations so far, and the last of these.
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

/**
 * The step that the final evaluation of a run was of, where it was to be the best one: its weights are the model of the
 * run. `undefined` where it was to be the last one, and before anything was measured.
 *
 * @param state the part `trainer` of a checkpoint; what is none says nothing
 */
export function bestStepOf(state: Snapshot | undefined): number | undefined {
  const { data } = schema.safeParse(state);
  return data && (data.done || data.measured > 0) ? data.best?.step : undefined;
}
