/**
 * The held-out loss with a price on size: how far a window lowered `loss + price x unique parameters`. By the loss alone a
 * model never wants to be smaller; here a tie earns what it saves in the window that makes it, and an untie pays for
 * itself. Over a run the charges add up to the price of the difference in size, whichever way it went.
 */
import { defineReward, TOKENS } from '@ligature/core';
import type { Reward } from '@ligature/core';
import { z } from 'zod';
import { clipOption, clipped } from './clip.js';
import { decayOption, movingBaseline } from './moving-baseline.js';

const options = z.strictObject({
  price: z
    .number()
    .min(0)
    .default(0.1)
    .describe("Of a million unique parameters, in the unit of the task's loss (nats of a language model)"),
  charge: z
    .enum(['change', 'rent'])
    .default('change')
    .describe(
      'change: a window pays for the parameters that its decision added, and earns for those it saved; rent: each ' +
        'window pays for all that there are',
    ),
  decay: decayOption,
  clip: clipOption,
});

/** @param parameters unique parameters of the tie map in force */
export function createPricedLoss(
  { price, charge, decay, clip }: z.output<typeof options>,
  parameters: () => number,
): Reward {
  const baseline = movingBaseline('priced-loss', decay);
  return {
    async measure(probe) {
      const loss = await probe.heldOutLoss();
      const cost = (price * parameters()) / 1e6;
      const total = charge === 'change' ? loss + cost : loss;
      const fallen = baseline.pass(total, (before) => before - total);
      return clipped(charge === 'change' ? fallen : fallen - cost, clip);
    },
    ...baseline.state,
  };
}

export const pricedLoss = defineReward({
  meta: {
    summary:
      'Fall of the held-out loss plus a price of the unique parameters, so that size may be learnt too',
    options,
  },
  create: (chosen, { get }) => {
    const ledger = get(TOKENS.ledger);
    return createPricedLoss(chosen, () => ledger().uniqueParameters);
  },
});
