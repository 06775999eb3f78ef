/** Trials of audits: variants of one configuration, on every seed. */
import { dataLabel, InputError, stackLayers, type PlannedTrial, type RunConfig } from '@ligature/core';
import { describeBudget, plural } from '../presentation/words.js';
import { assertSeeds, seedsOf } from '../seeds.js';

export interface Variant {
  readonly label: string;
  /** Its part of the trial's id. */
  readonly name: string;
  readonly config: RunConfig;
}

/** Seed by seed, so that an early stop leaves whole seeds behind. @throws InputError (`audit-layers`) */
export function planVariants(audit: string, config: RunConfig, variants: readonly Variant[]): PlannedTrial[] {
  if (stackLayers(config) < 2) {
    throw new InputError('audit-layers', {
      asked: `Audit ${audit} with ${stackLayers(config)} layer`,
      found: 'one layer cannot be tied to another',
      todo: 'Use --layers 2 or more',
    });
  }
  const seeds = seedsOf(config);
  assertSeeds(`Audit ${audit}`, seeds);
  return seeds.flatMap((seed) =>
    variants.map(({ label, name, config: one }) => ({
      ...{ id: `${name}-seed-${seed}`, label, seed },
      config: { ...one, seed },
    })),
  );
}

/** @throws InputError (`audit-profile`) */
export function assertProfile(
  audit: string,
  { tying }: RunConfig,
  wanted: RunConfig['tying']['profile'],
  found: string,
): void {
  if (tying.profile === wanted) return;
  throw new InputError('audit-profile', {
    asked: `Audit ${audit} under the ${tying.profile} profile`,
    found,
    todo: `Leave out tying.profile, or set it to ${wanted}`,
  });
}

export const introduceAudit = (audit: string, config: RunConfig, trials: readonly PlannedTrial[]): string =>
  `Audit ${audit} on ${dataLabel(config)}: ${describeBudget(config)}; ${plural(trials.length, 'trial')}.`;
