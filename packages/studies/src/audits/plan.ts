/** Which trials each trained audit consists of; all that varies stands in the configuration of the trial. */
import { InputError, type Choice, type RunConfig } from '@ligature/core';
import { plugin as evaluators } from '@ligature/evaluators';
import { seedsOf, type TrialPlan } from '../plan.js';
import { GRADIENTS, UNTIES } from './gradients.js';
import { contiguousMap } from './memory.js';
import { OFFICIAL_CLIP } from './rewards.js';
import { AUDIT_NAMES } from './types.js';

export type TrainedAudit = Exclude<(typeof AUDIT_NAMES)[number], 'random-ratio'>;
export const TRAINED_AUDITS = AUDIT_NAMES.filter((name): name is TrainedAudit => name !== 'random-ratio');

/** The official reward first, then every reward of the evaluators as it is by default. */
export const AUDITED_REWARDS: readonly Choice[] = [
  { name: 'negative-perplexity', options: { clip: OFFICIAL_CLIP } },
  ...Object.keys(evaluators.rewards).map((name) => ({ name, options: {} })),
];

/** `negative-perplexity:clip=10` */
export const rewardLabel = ({ name, options }: Choice): string =>
  [name, ...Object.entries(options).map(([key, value]) => `${key}=${String(value)}`)].join(':');

/** Seed by seed, so that an early stop leaves whole seeds behind. @throws InputError (`audit-layers`, `audit-profile`) */
export function planAudit(audit: TrainedAudit, config: RunConfig): TrialPlan[] {
  assertFits(audit, config);
  return seedsOf(config).flatMap((seed) => variants(audit, config).map((variant) => trial(variant, seed)));
}

interface Variant {
  readonly label: string;
  readonly folder: string;
  readonly config: RunConfig;
}

function trial({ label, folder, config }: Variant, seed: number): TrialPlan {
  return {
    controller: config.controller,
    label,
    seed,
    config: { ...config, seed },
    folderName: `${folder}-seed-${seed}`,
  };
}

function variants(audit: TrainedAudit, config: RunConfig): Variant[] {
  switch (audit) {
    case 'storages':
      return [{ label: config.controller.name, folder: 'official', config }];
    case 'rewards':
      return AUDITED_REWARDS.map((reward) => ({
        label: rewardLabel(reward),
        folder: rewardLabel(reward).replaceAll(/[:=]/g, '-'),
        config: { ...config, reward },
      }));
    case 'gradients':
      return GRADIENTS.flatMap((gradient) =>
        UNTIES.map((untie) => ({
          label: `${gradient}, ${untie}`,
          folder: `${gradient}-${untie}`,
          config: { ...config, tying: { ...config.tying, gradient, untie } },
        })),
      );
    case 'memory':
      return Array.from({ length: config.model.layers }, (_, index) => {
        const blocks = config.model.layers - index;
        const map = [...contiguousMap(config.model.layers, blocks)];
        return {
          label: `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
          folder: `blocks-${blocks}`,
          config: { ...config, controller: { name: 'map', options: { map } } },
        };
      });
  }
}

function assertFits(audit: TrainedAudit, { model, tying }: RunConfig): void {
  if (model.layers < 2) {
    throw new InputError('audit-layers', {
      asked: `Audit ${audit} with ${model.layers} layer`,
      found: 'one layer cannot be tied to another',
      todo: 'Use --layers 2 or more',
    });
  }
  const wanted = audit === 'storages' ? 'official' : audit === 'gradients' ? 'clean' : undefined;
  if (wanted === undefined || tying.profile === wanted) return;
  throw new InputError('audit-profile', {
    asked: `Audit ${audit} under the ${tying.profile} profile`,
    found: audit === 'storages' ? 'there the log says what there is' : 'there these options have no effect',
    todo: `Leave out tying.profile, or set it to ${wanted}`,
  });
}
