/** The tie maps of a small stack, each fixed from the first step on, and what separates them. */
import { dataLabel, defineStudy } from '@ligature/core';
import { describeBudget, plural } from '../presentation/words.js';
import { landscapeCommand } from './command.js';
import { assertFeasible, landscapeSettingsSchema, planLandscape } from './plan.js';
import { presentLandscape } from './present.js';
import { summarizeLandscape } from './summarize.js';

/** 15 maps: the smallest stack that has something to choose from at every number of blocks but the ends. */
const LAYERS = 4;

export const landscape = defineStudy({
  meta: {
    summary: 'every tie map of a small stack, fixed: ranking, front, and the regret of controllers',
    options: landscapeSettingsSchema,
  },
  command: landscapeCommand,
  defaults: () => ({ model: { layers: LAYERS } }),
  prepare({ config, settings }) {
    if (!settings.yes) assertFeasible(config, settings);
    return { config, settings };
  },
  create: (settings) => ({
    plan: (config) => planLandscape(config, settings).trials,
    introduction(config, trials) {
      const { space } = planLandscape(config, settings);
      const { controllers } = settings;
      const maps =
        space.maps === Number(space.all) ? `all ${space.all}` : `${space.maps} of the ${space.all}`;
      const beside = controllers.length > 0 ? ` and ${plural(controllers.length, 'controller')}` : '';
      return (
        `Training ${maps} tie maps${beside} on ${dataLabel(config)}: ${describeBudget(config)}; ` +
        `${plural(trials.length / (space.maps + controllers.length), 'seed')}, ${plural(trials.length, 'trial')}.`
      );
    },
    summarize: (outcome) => summarizeLandscape(planLandscape(outcome.config, settings), outcome),
    present: presentLandscape,
    // Hundreds of models would fill a disk, and nothing reads them again.
    ...(!settings.keepModels && { discards: ['checkpoints'] }),
  }),
});
