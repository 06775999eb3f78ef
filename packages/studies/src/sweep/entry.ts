/** Many settings of a configuration, by grid or at random, ranked. */
import { dataLabel, defineStudy } from '@ligature/core';
import { z } from 'zod';
import { describeBudget, plural } from '../presentation/words.js';
import { extendedPlan, sweepPlan } from './ask/plan.js';
import { sweepCommand } from './command.js';
import { settledSweepPlan } from './contrasts.js';
import { planSweep, sweepPlanSchema } from './plan.js';
import { presentSweep } from './present.js';
import { summarizeSweep } from './summarize.js';

export const sweep = defineStudy({
  meta: {
    summary: 'many configurations, by grid or at random, ranked by one number',
    options: sweepPlanSchema,
  },
  command: sweepCommand,
  // All that it is asked for stands in the configuration, below `sweep`.
  asked: z.strictObject({}),
  async prepare({ config }, tools) {
    const settings = await sweepPlan(config, tools);
    return { config: await settledSweepPlan(config, settings, tools.host), settings };
  },
  grow: (plan, { samples, seeds }, config, tools) =>
    extendedPlan(
      plan,
      config,
      { samples: samples as number | undefined, seeds: seeds as number | readonly number[] | undefined },
      tools,
    ),
  create: (plan) => ({
    plan: (config) => planSweep(plan, config),
    introduction(config, trials) {
      const { search, fields, configurations, seeds, samples } = plan;
      const few =
        search === 'random' && configurations.length < samples
          ? ` (there are no more; ${samples} were asked for)`
          : '';
      return (
        `Sweeping over ${fields.map(({ name }) => name).join(', ')} on ${dataLabel(config)}, ` +
        `${search === 'grid' ? 'every combination' : 'drawn at random'}: ${describeBudget(config)} where not varied; ` +
        `${plural(configurations.length, 'configuration')}${few}, ${plural(seeds.length, 'seed')}, ` +
        `${plural(trials.length, 'trial')}.`
      );
    },
    summarize: (outcome) => summarizeSweep(plan, outcome),
    present: presentSweep,
  }),
});
