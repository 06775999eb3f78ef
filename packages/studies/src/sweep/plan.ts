/** What a sweep began with, and which runs it consists of. */
import { savedConfigSchema, type PlannedTrial, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import { assertSeeds } from '../seeds.js';
import type { Sweep, SweepConfiguration, SweepField, SweepObjective } from './types.js';

const dimension = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('list'), values: z.array(z.unknown()).min(1) }),
  z.strictObject({
    kind: z.literal('range'),
    low: z.number(),
    high: z.number(),
    scale: z.enum(['linear', 'log']),
    integer: z.boolean(),
    step: z.number().positive().nullable(),
  }),
]);
const path = z.string().min(1);

/** The settings of a sweep, as its folder keeps them. */
export const sweepPlanSchema = z.strictObject({
  search: z.enum(['grid', 'random']).describe('every combination, or combinations drawn at random'),
  samples: z.number().int().positive().describe('configurations that a random search was asked for'),
  seeds: z.array(z.number().int().min(0)).min(1).describe('seeds of every configuration'),
  objective: z
    .strictObject({
      metric: z.string().describe('the number to rank by, such as validation.nats'),
      goal: z.enum(['minimize', 'maximize']).describe('which end of it is best'),
    })
    .describe('what the sweep ranks by'),
  axes: z.array(path).min(1).max(2).describe('paths of the one or two fields of the picture'),
  fields: z
    .array(z.strictObject({ path, name: z.string(), dimension, text: z.string() }))
    .min(1)
    .describe('what is varied, and over which values'),
  configurations: z
    .array(
      z.strictObject({
        id: z.number().int().positive(),
        label: z.string(),
        values: z.array(z.unknown()),
        config: savedConfigSchema,
      }),
    )
    .min(1)
    .describe('every setting of the fields, each a whole configuration'),
  source: z
    .unknown()
    .optional()
    .describe('what file and flags said, from which a sweep that is extended makes further configurations'),
});

export interface SweepPlan {
  readonly search: Sweep['search'];
  /** Configurations that a random search was asked for. */
  readonly samples: number;
  readonly seeds: readonly number[];
  readonly objective: SweepObjective;
  /** Paths of the one or two fields of the picture. */
  readonly axes: readonly string[];
  readonly fields: readonly SweepField[];
  readonly configurations: readonly SweepConfiguration[];
  readonly source?: unknown;
}

/** Every configuration with every seed; seed by seed, so that an early stop leaves whole tables behind. */
export function planSweep(
  { configurations, seeds, fields }: Pick<SweepPlan, 'configurations' | 'seeds' | 'fields'>,
  settled: Pick<RunConfig, 'compare' | 'threads'>,
): PlannedTrial[] {
  assertSeeds('Sweep', seeds);
  // As many at once, with as many threads, as was settled for the sweep as a whole.
  const varied = fields.some(({ path }) => path === 'threads');
  const { compare, threads } = settled;
  return seeds.flatMap((seed) =>
    configurations.map(({ id, label, config }) => ({
      ...{ id: sweepTrialId(id, seed), label, seed },
      config: { ...config, compare, ...(!varied && { threads }), seed },
    })),
  );
}

/** `003-seed-1` */
export const sweepTrialId = (id: number, seed: number): string =>
  `${String(id).padStart(3, '0')}-seed-${seed}`;
