/** Controllers on the same text, seeds and budget. */
import { dataLabel, defineStudy, type Choice } from '@ligature/core';
import { controllerLabel, metricsOf } from '@ligature/run';
import { z } from 'zod';
import { settledPlan } from '../planned/settle.js';
import { describeBudget, plural } from '../presentation/words.js';
import { comparisonCommand } from './command.js';
import { planTrials, textsOf } from './plan.js';
import { presentComparison } from './present.js';
import { summarizeComparison } from './summarize.js';

/** Fit to be part of the name of a folder. */
const fileName = (label: string): string => label.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+|-+$/g, '');

export const comparison = defineStudy({
  meta: {
    summary: 'controllers on the same data, seeds and budget, set against one of them',
    options: z.strictObject({}),
  },
  command: comparisonCommand,
  async prepare({ config, settings }, tools) {
    const texts = textsOf(config).flatMap(({ label }) => (label === null ? [] : [label]));
    const metrics = config.plan === undefined ? [] : await metricsOf(config, tools.host);
    const planned = settledPlan(config, {
      names: config.compare.controllers.map(controllerLabel),
      are: 'controllers of compare.controllers',
      read: (text, place) => controllerLabel(tools.read.controller(text, place) as Choice),
      ...{ metrics, texts },
    });
    const folderName = texts.length > 0 ? `compare-${texts.map(fileName).join('-')}` : undefined;
    return { config: planned, settings, ...(folderName !== undefined && { folderName }) };
  },
  create: () => ({
    plan: planTrials,
    introduction(config, trials) {
      const { controllers } = config.compare;
      const texts = textsOf(config);
      const seeds = trials.length / controllers.length / texts.length;
      const on =
        texts.length > 1
          ? texts.map(({ label }) => label).join(', ')
          : (texts[0]?.dataset?.name ?? dataLabel(config));
      return (
        `Comparing ${controllers.map(controllerLabel).join(', ')} on ${on}: ` +
        `${describeBudget(config)}; ${plural(seeds, 'seed')}, ${plural(trials.length, 'trial')}.`
      );
    },
    summarize: summarizeComparison,
    present: presentComparison,
  }),
});
