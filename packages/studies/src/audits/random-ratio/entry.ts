/** Random actions through the real process, nothing trained. */
import { createRunContainer, defineStudy } from '@ligature/core';
import { z } from 'zod';
import { randomRatioCommand } from '../commands.js';
import { presentAudit } from '../present.js';
import type { Replay } from '../replay.js';
import { countingBackend, replays } from '../replays.js';
import { randomRatioReport, type RandomReplays } from './report.js';

const SIZES = [4, 6, 8, 12, 16, 24, 32, 48];

export const randomRatioSettings = z.strictObject({
  layers: z
    .array(z.int().min(2).max(1024))
    .min(1)
    .default(SIZES)
    .transform((sizes) => [...new Set(sizes)])
    .describe('sizes of the stack'),
  seeds: z.int().min(1).max(100_000).default(200),
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1)
    .describe('the first one; the clean semantics take the seeds after those of the official ones'),
  sweeps: z.int().min(1).max(1000).default(3),
});

export const randomRatio = defineStudy({
  meta: {
    summary: 'independent layers of random actions against the harmonic number',
    options: randomRatioSettings,
  },
  command: randomRatioCommand,
  create: (settings, { host }) => {
    const { get } = createRunContainer();
    const { seeds, seed, sweeps } = settings;
    return {
      plan: () => [],
      introduction: () => '',
      async work(): Promise<RandomReplays[]> {
        await countingBackend(host);
        const lengths = [];
        for (const layers of settings.layers) {
          const controller: Replay['controller'] = (streams) =>
            host.create(
              'controllers',
              'random',
              {},
              { layers, seed, random: streams.stream('policy/initialization'), get },
            );
          const replay = { layers, sweeps, controller };
          lengths.push({
            layers,
            official: await replays(seeds, seed, { ...replay, profile: 'official' }),
            // Equal draws would give equal counts: two samples say more than one taken twice.
            clean: await replays(seeds, seed + seeds, { ...replay, profile: 'clean' }),
          });
        }
        return lengths;
      },
      summarize: ({ work }) => randomRatioReport(work),
      present: (report) =>
        presentAudit(
          report,
          `ligature audit random-ratio --layers ${settings.layers.join(',')} --seeds ${seeds} --seed ${seed} --sweeps ${sweeps}`,
        ),
    };
  },
});
