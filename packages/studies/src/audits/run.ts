/** Trains what an audit needs and sums it up; the folder is a study that `resume` goes on with. */
import { join } from 'node:path';
import { InputError, type PluginHost, type RunConfig } from '@ligature/core';
import { readEventLog } from '@ligature/run';
import { z } from 'zod';
import { runTrials, type FinishedTrial, type TrialsOptions, type TrialsOutcome } from '../run-trials.js';
import { beginStudy, resumeStudy, studySettings } from '../study-folder.js';
import { decidedIndependent, gradientsReport } from './gradients.js';
import { explorationOnly } from './exploration.js';
import { memoryReport } from './memory.js';
import { planAudit, rewardLabel, TRAINED_AUDITS, type TrainedAudit } from './plan.js';
import { randomRatioReport } from './random-ratio.js';
import { replaySweeps, type Replay } from './replay.js';
import { rewardedWindows, rewardsReport } from './rewards.js';
import { storagesReport } from './storages.js';
import { lastSweeps } from './sweeps.js';
import type { AuditReport } from './types.js';

const settingsSchema = z.strictObject({ audit: z.enum(TRAINED_AUDITS) });

/** Replays of exploration alone: as many seeds as give two digits. */
const EXPLORATION_SEEDS = 100;

/** A new audit in a folder of its own. @throws InputError (`run-locked`, `out-unwritable`, `audit-*`) */
export function runAudit(
  audit: TrainedAudit,
  config: RunConfig,
  options: TrialsOptions,
): Promise<AuditReport> {
  return beginStudy(options.folder, { kind: 'audit', config, study: { audit } }, () =>
    work(audit, config, options, false),
  );
}

/** What an audit began with. @throws InputError (`comparison-unreadable`) */
export function readAudit(folder: string): { readonly audit: TrainedAudit; readonly config: RunConfig } {
  const { config, study } = studySettings(folder, 'audit', settingsSchema);
  return { audit: study.audit, config };
}

/** Goes on with one that was stopped. @throws InputError (`comparison-unreadable`, `run-locked`) */
export function resumeAudit(options: TrialsOptions): Promise<AuditReport> {
  return resumeStudy(options.folder, () => {
    const { audit, config } = readAudit(options.folder);
    return work(audit, config, options, true);
  });
}

async function work(
  audit: TrainedAudit,
  config: RunConfig,
  options: TrialsOptions,
  resumed: boolean,
): Promise<AuditReport> {
  const plans = planAudit(audit, config);
  const outcome = await runTrials({ ...options, plans, resumed });
  return REPORTS[audit](config, outcome, options.folder);
}

type Report = (
  config: RunConfig,
  outcome: TrialsOutcome,
  folder: string,
) => AuditReport | Promise<AuditReport>;

const events = (folder: string, { plan }: FinishedTrial) => readEventLog(join(folder, plan.folderName));

const REPORTS: Readonly<Record<TrainedAudit, Report>> = {
  async storages(config, { finished, failed }, folder) {
    const { layers } = config.model;
    const trained = finished.map((trial) => {
      const counter = lastSweeps(layers);
      for (const event of events(folder, trial)) counter.observe(event);
      return counter.counts();
    });
    const sweeps = Math.max(1, ...trained.map((counts) => counts.length));
    const exploration = await replays(EXPLORATION_SEEDS, 1, {
      ...{ layers, sweeps, profile: 'official' },
      controller: explorationOnly,
    });
    return storagesReport({ layers, trained, exploration }, config, failed);
  },
  rewards(config, { finished, failed }, folder) {
    const runs = finished.map((trial) => ({
      reward: rewardLabel(trial.plan.config.reward),
      seed: trial.plan.seed,
      windows: rewardedWindows(events(folder, trial)),
    }));
    if (runs.some(({ windows }) => windows.length === 0)) throw noRewards(config);
    return rewardsReport(runs, config, failed);
  },
  gradients(config, { finished, failed }, folder) {
    const runs = finished.map((trial) => {
      const { gradient, untie } = trial.plan.config.tying;
      const { ledger, test } = trial.result;
      return {
        gradient: gradient === 'source-only' ? gradient : ('accumulate' as const),
        untie: untie === 'alias' ? untie : ('clone' as const),
        seed: trial.plan.seed,
        nats: test['nats'] ?? Number.NaN,
        storages: Math.max(...Object.values(ledger.distinctStorages)),
        decided: decidedIndependent(events(folder, trial), ledger.layers),
        uniqueParameters: ledger.uniqueParameters,
      };
    });
    return gradientsReport(runs, config, failed);
  },
  memory(config, { finished, failed }) {
    const runs = finished.map(({ plan, result }) => ({
      ...result,
      seed: plan.seed,
      blocks: new Set(result.tieMap).size,
    }));
    return memoryReport(runs, config, failed);
  },
};

export interface RandomRatioSettings {
  /** Sizes of the stack. */
  readonly layers: readonly number[];
  readonly seeds: number;
  /** The first one; the clean semantics take the seeds after those of the official ones. */
  readonly seed: number;
  readonly sweeps: number;
}

/** Random actions through the real process, nothing trained. Needs a tfjs backend and a host that knows `random`. */
export async function auditRandomRatio(
  settings: RandomRatioSettings,
  host: PluginHost,
): Promise<AuditReport> {
  const { seeds, seed, sweeps } = settings;
  const lengths = [];
  for (const layers of settings.layers) {
    const controller: Replay['controller'] = (streams) =>
      host.create(
        'controllers',
        'random',
        {},
        { layers, seed, random: streams.stream('policy/initialization') },
      );
    const replay = { layers, sweeps, controller };
    lengths.push({
      layers,
      official: await replays(seeds, seed, { ...replay, profile: 'official' }),
      // Equal draws would give equal counts: two samples say more than one taken twice.
      clean: await replays(seeds, seed + seeds, { ...replay, profile: 'clean' }),
    });
  }
  return randomRatioReport(lengths);
}

async function replays(seeds: number, first: number, replay: Omit<Replay, 'seed'>) {
  const all = [];
  for (let index = 0; index < seeds; index += 1) {
    all.push(await replaySweeps({ ...replay, seed: first + index }));
  }
  return all;
}

function noRewards({ controller }: RunConfig): InputError {
  return new InputError('audit-no-rewards', {
    asked: `Audit the rewards of ${controller.name}`,
    found: 'no reward was measured: it does not learn, or there was no whole window',
    todo: 'Use a controller that learns, such as q-learning, and more steps than a window has',
  });
}
