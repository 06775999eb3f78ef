/** How much rewards tell a learner over a training. */
import { defineStudy, InputError, type Choice, type RunConfig } from '@ligature/core';
import { plugin as evaluators } from '@ligature/evaluators';
import { z } from 'zod';
import { settingOf } from '../../presentation/words.js';
import { rewardsCommand } from '../commands.js';
import { small, textFor } from '../defaults.js';
import { auditCommand, presentAudit } from '../present.js';
import { introduceAudit, planVariants } from '../trial.js';
import { OFFICIAL_CLIP, rewardedWindows, rewardsReport } from './report.js';

/** The official reward first, then every reward of the evaluators as it is by default. */
export const AUDITED_REWARDS: readonly Choice[] = [
  { name: 'negative-perplexity', options: { clip: OFFICIAL_CLIP } },
  ...Object.keys(evaluators.rewards).map((name) => ({ name, options: {} })),
];

/** `negative-perplexity:clip=10` */
export const rewardLabel = ({ name, options }: Choice): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key}=${String(value)}`)].join(':');

export const rewards = defineStudy({
  meta: { summary: 'share of saturated rewards over a training', options: z.strictObject({}) },
  command: rewardsCommand,
  defaults: (chosen) => ({
    ...textFor(chosen),
    model: small(chosen, 6, 32),
    controller: 'q-learning',
    tying: { window: 4 },
    training: { batch: 8, steps: 480, learningRate: 3e-3 },
    compare: { seeds: 2 },
  }),
  create: () => ({
    plan: (config) =>
      planVariants(
        'rewards',
        config,
        AUDITED_REWARDS.map((reward) => ({
          label: rewardLabel(reward),
          name: rewardLabel(reward).replaceAll(/[:=]/g, '-'),
          config: { ...config, reward },
        })),
      ),
    introduction: (config, trials) => introduceAudit('rewards', config, trials),
    summarize({ config, trials, finished, failed, events }) {
      const runs = finished.map(({ trial }) => ({
        reward: rewardLabel(trial.config.reward),
        seed: trial.seed,
        windows: rewardedWindows(events(trial)),
      }));
      if (runs.some(({ windows }) => windows.length === 0)) throw noRewards(config);
      const { floors, task } = settingOf(config, finished[0]?.result);
      const report = rewardsReport(runs, config, failed, { floors, ...task });
      return { ...report, unfinished: trials.length - finished.length - failed.length };
    },
    present: (report) => presentAudit(report, auditCommand('rewards')),
  }),
});

function noRewards({ controller }: RunConfig): InputError {
  return new InputError('audit-no-rewards', {
    asked: `Audit the rewards of ${controller.name}`,
    found: 'no reward was measured: it does not learn, or there was no whole window',
    todo: 'Use a controller that learns, such as q-learning, and more steps than a window has',
  });
}
