/** The 2 x 2 of gradient mode and untie policy, paired by seed. */
import { defineStudy, type MetricSpec, largest } from '@ligature/core';
import { z } from 'zod';
import { settingOf } from '../../presentation/words.js';
import { gradientsCommand } from '../commands.js';
import { small, textFor } from '../defaults.js';
import { auditCommand, presentAudit } from '../present.js';
import { assertProfile, introduceAudit, planVariants } from '../trial.js';
import { decidedIndependent, GRADIENTS, gradientsReport, UNTIES } from './report.js';

export const gradients = defineStudy({
  meta: { summary: '2 x 2 of gradient mode and untie policy, paired by seed', options: z.strictObject({}) },
  command: gradientsCommand,
  defaults: (chosen) => ({
    ...textFor(chosen),
    model: small(chosen, 6, 32),
    controller: 'random',
    // Followers keep the block when its owner is tied away, as in the official code.
    tying: { window: 4, follow: 'snapshot' },
    training: { batch: 8, steps: 240, learningRate: 3e-3 },
    compare: { seeds: 5 },
  }),
  create: () => ({
    plan(config) {
      assertProfile('gradients', config, 'clean', 'there these options have no effect');
      return planVariants(
        'gradients',
        config,
        GRADIENTS.flatMap((gradient) =>
          UNTIES.map((untie) => ({
            label: `${gradient}, ${untie}`,
            name: `${gradient}-${untie}`,
            config: { ...config, tying: { ...config.tying, gradient, untie } },
          })),
        ),
      );
    },
    introduction: (config, trials) => introduceAudit('gradients', config, trials),
    summarize({ config, trials, finished, failed, events }) {
      const { floors, task } = settingOf(config, finished[0]?.result);
      const metric = task.metrics[0] as MetricSpec;
      const runs = finished.map(({ trial, result: { ledger, test } }) => {
        const { gradient, untie } = trial.config.tying;
        return {
          gradient: gradient === 'source-only' ? gradient : ('accumulate' as const),
          untie: untie === 'alias' ? untie : ('clone' as const),
          seed: trial.seed,
          value: test[metric.name] ?? Number.NaN,
          storages: largest(Object.values(ledger.distinctStorages)),
          decided: decidedIndependent(events(trial), ledger.layers),
          uniqueParameters: ledger.uniqueParameters,
        };
      });
      const report = gradientsReport(runs, config, failed, { floors, ...task });
      return { ...report, unfinished: trials.length - finished.length - failed.length };
    },
    present: (report) => presentAudit(report, auditCommand('gradients')),
  }),
});
