/** Distinct weight storages against the layers that the official log calls independent. */
import { defineStudy, stackLayers, type RunConfig, type RunConfigInput } from '@ligature/core';
import { z } from 'zod';
import { storagesCommand } from '../commands.js';
import { small, textFor } from '../defaults.js';
import { auditCommand, presentAudit } from '../present.js';
import { countingBackend, replays } from '../replays.js';
import { lastSweeps, type SweepCount } from '../sweeps.js';
import { assertProfile, introduceAudit, planVariants } from '../trial.js';
import { explorationOnly } from './exploration.js';
import { storagesReport } from './report.js';

/** By then nearly every storage is lost, whatever the number of layers. */
const EPISODES = 20;
/** Replays of exploration alone: as many seeds as give two digits. */
const EXPLORATION_SEEDS = 100;

/** Values that stand below a user's file and flags; episodes of so many layers take so many steps. */
export function storagesDefaults(chosen?: RunConfig): RunConfigInput {
  return {
    // The official chunks open and end with tokens of their own.
    ...textFor(chosen, { tokenizer: { name: 'byte', options: { bos: true, eos: true } } }),
    model: small(chosen, 12, 16),
    controller: 'q-learning-official',
    tying: { profile: 'official' },
    training: {
      batch: 4,
      ...(chosen && knowsLayers(chosen) && { steps: EPISODES * stepsOfEpisode(chosen) }),
    },
    compare: { seeds: 3 },
  };
}

/** Not before it is settled, where nobody wrote how many there are. */
const knowsLayers = ({ model }: RunConfig): boolean => typeof model.options['layers'] === 'number';

const stepsOfEpisode = (config: RunConfig): number =>
  Math.max(1, stackLayers(config) - 1) * config.tying.window;

export const storages = defineStudy({
  meta: {
    summary: 'distinct weights against logged independent layers, by episode',
    options: z.strictObject({}),
  },
  command: storagesCommand,
  defaults: storagesDefaults,
  create: (_, { host }) => ({
    plan(config) {
      assertProfile('storages', config, 'official', 'there the log says what there is');
      return planVariants('storages', config, [{ label: config.controller.name, name: 'official', config }]);
    },
    introduction: (config, trials) => introduceAudit('storages', config, trials),
    async work(config): Promise<SweepCount[][]> {
      await countingBackend(host);
      return await replays(EXPLORATION_SEEDS, 1, {
        layers: stackLayers(config),
        sweeps: Math.max(1, Math.floor(config.training.steps / stepsOfEpisode(config))),
        profile: 'official',
        controller: explorationOnly,
      });
    },
    summarize({ config, trials, finished, failed, work, events }) {
      const layers = stackLayers(config);
      const trained = finished.map(({ trial }) => {
        const counter = lastSweeps(layers);
        for (const event of events(trial)) counter.observe(event);
        return counter.counts();
      });
      const report = storagesReport({ layers, trained, exploration: work }, config, failed);
      return { ...report, unfinished: trials.length - finished.length - failed.length };
    },
    present: (report) => presentAudit(report, auditCommand('storages')),
  }),
});
