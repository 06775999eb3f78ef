/** Parameters, memory and operations as the blocks of a stack become fewer. */
import { defineStudy, stackLayers } from '@ligature/core';
import { z } from 'zod';
import { plural, settingOf } from '../../presentation/words.js';
import { memoryCommand } from '../commands.js';
import { small, textFor } from '../defaults.js';
import { auditCommand, presentAudit } from '../present.js';
import { introduceAudit, planVariants } from '../trial.js';
import { contiguousMap, memoryReport } from './report.js';

export const memory = defineStudy({
  meta: { summary: 'parameters, memory and FLOPs as L blocks become 1', options: z.strictObject({}) },
  command: memoryCommand,
  defaults: (chosen) => ({
    ...textFor(chosen, { dataset: { name: 'moby-dick', options: { validation: 0.003, test: 0.003 } } }),
    model: { ...small(chosen, 8, 192), context: 64 },
    controller: 'none',
    training: { batch: 8, steps: 6, warmup: 0 },
    compare: { seeds: 2 },
  }),
  create: () => ({
    plan(config) {
      const layers = stackLayers(config);
      return planVariants(
        'memory',
        config,
        Array.from({ length: layers }, (_, index) => {
          const blocks = layers - index;
          const map = [...contiguousMap(layers, blocks)];
          return {
            label: plural(blocks, 'block'),
            name: `blocks-${blocks}`,
            config: { ...config, controller: { name: 'map', options: { map } } },
          };
        }),
      );
    },
    introduction: (config, trials) => introduceAudit('memory', config, trials),
    summarize({ config, trials, finished, failed }) {
      const runs = finished.map(({ trial, result }) => ({
        ...result,
        seed: trial.seed,
        blocks: new Set(result.tieMap).size,
      }));
      const { unit } = settingOf(config, finished[0]?.result).task;
      const report = memoryReport(runs, config, failed, unit);
      return { ...report, unfinished: trials.length - finished.length - failed.length };
    },
    present: (report) => presentAudit(report, auditCommand('memory')),
  }),
});
