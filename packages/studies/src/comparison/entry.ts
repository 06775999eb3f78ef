/** Controllers on the same text, seeds and budget. */
import { dataLabel, defineStudy } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import { z } from 'zod';
import { describeBudget, plural } from '../presentation/words.js';
import { comparisonCommand } from './command.js';
import { planTrials } from './plan.js';
import { presentComparison } from './present.js';
import { summarizeComparison } from './summarize.js';

export const comparison = defineStudy({
  meta: {
    summary: 'controllers on the same data, seeds and budget, set against one of them',
    options: z.strictObject({}),
  },
  command: comparisonCommand,
  create: () => ({
    plan: planTrials,
    introduction(config, trials) {
      const { controllers } = config.compare;
      const seeds = trials.length / controllers.length;
      return (
        `Comparing ${controllers.map(controllerLabel).join(', ')} on ${dataLabel(config)}: ` +
        `${describeBudget(config)}; ${plural(seeds, 'seed')}, ${plural(trials.length, 'trial')}.`
      );
    },
    summarize: summarizeComparison,
    present: presentComparison,
  }),
});
