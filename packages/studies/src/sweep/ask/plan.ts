/** From a configuration that says what to vary to all configurations of the sweep, each checked. */
import {
  InputError,
  sweepSchema,
  type ConfigSources,
  type FieldSetting,
  type RunConfig,
  type StudyTools,
} from '@ligature/core';
import { metricsOf } from '@ligature/run';
import { z } from 'zod';
import { gridOf } from '../grid.js';
import { objectiveOf } from '../objective.js';
import type { SweepPlan } from '../plan.js';
import { randomSample } from '../random.js';
import type { SweepConfiguration, SweepField } from '../types.js';
import { sweepValueText } from '../value-text.js';
import { axesOf, fieldsOf } from './fields.js';

/** What file and flags said, as the folder of a sweep keeps it. */
export const sourceSchema = z.strictObject({
  written: z.record(z.string(), z.unknown()),
  assignments: z.array(z.strictObject({ path: z.array(z.string()), value: z.unknown(), origin: z.string() })),
});

/**
 * @param config the checked configuration of `draft`
 * @throws InputError for the first thing that is wrong, in whichever configuration
 */
export async function sweepPlan(config: RunConfig, tools: StudyTools): Promise<SweepPlan> {
  const { sources, read } = tools;
  const { vary, samples, seeds, objective, goal, axes, search: asked } = sweepOf(config);
  const fields = fieldsOf(vary, config, tools);
  const search = asked ?? (isCountable(fields) && !saysSamples(sources) ? 'grid' : 'random');
  const plan: SweepPlan = {
    search,
    samples,
    seeds:
      typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => config.seed + index) : seeds,
    objective: objectiveOf(objective, goal, config, await metricsOf(config, tools.host)),
    axes: axesOf(axes, fields, read),
    fields,
    configurations: configurationsOf(fields, search, samples, config.seed, sources, tools),
    source: sources,
  };
  for (const one of plan.configurations) await check(one, tools);
  return plan;
}

/**
 * The plan of a sweep that goes on with more samples or seeds. Configurations that it has stay as they are.
 *
 * @throws InputError (`sweep-not-longer`, and for what is wrong with a new configuration)
 */
export async function extendedPlan(
  plan: SweepPlan,
  config: RunConfig,
  more: { readonly samples?: number | undefined; readonly seeds?: number | readonly number[] | undefined },
  tools: StudyTools,
): Promise<SweepPlan> {
  const samples = more.samples ?? plan.samples;
  const seeds = seedsFrom(more.seeds, config.seed) ?? plan.seeds;
  if (more.samples !== undefined && (plan.search === 'grid' || samples < plan.configurations.length)) {
    throw shorter(
      `--samples ${samples}`,
      plan.search === 'grid'
        ? 'it is a grid, which has all its configurations'
        : `it has ${plan.configurations.length} configurations already`,
    );
  }
  const lost = plan.seeds.find((seed) => !seeds.includes(seed));
  if (lost !== undefined) throw shorter(`--seeds ${seeds.join(',')}`, `seed ${lost} is trained already`);
  if (samples === plan.samples) return { ...plan, seeds };
  const { data: source } = sourceSchema.safeParse(plan.source);
  const all = source ? configurationsOf(plan.fields, 'random', samples, config.seed, source, tools) : [];
  const added = all.slice(plan.configurations.length);
  for (const one of added) await check(one, tools);
  return { ...plan, samples, seeds, configurations: [...plan.configurations, ...added] };
}

const seedsFrom = (seeds: number | readonly number[] | undefined, first: number): number[] | undefined =>
  typeof seeds === 'number'
    ? Array.from({ length: seeds }, (_, index) => first + index)
    : seeds && [...seeds];

const shorter = (asked: string, found: string): InputError =>
  new InputError('sweep-not-longer', {
    asked: `Go on with the sweep with ${asked}`,
    found,
    todo: 'Give more than it has, or leave the flag out',
  });

const sweepOf = ({ sweep }: RunConfig): NonNullable<RunConfig['sweep']> => sweep ?? sweepSchema.parse({});

const saysSamples = ({ written, assignments }: ConfigSources): boolean =>
  assignments.some(({ path }) => path.join('.') === 'sweep.samples') ||
  Object.hasOwn((written['sweep'] as object | undefined) ?? {}, 'samples');

const isCountable = (fields: readonly SweepField[]): boolean =>
  fields.every(({ dimension }) => dimension.kind === 'list' || dimension.step !== null || dimension.integer);

function configurationsOf(
  fields: readonly SweepField[],
  search: SweepPlan['search'],
  samples: number,
  seed: number,
  sources: ConfigSources,
  tools: StudyTools,
): SweepConfiguration[] {
  const points = search === 'grid' ? gridOf(fields) : randomSample(fields, samples, seed);
  const seen = new Map<string, SweepConfiguration>();
  for (const values of points) {
    const config = configurationAt(fields, values, sources, tools);
    const key = JSON.stringify(config);
    const before = seen.get(key);
    const label = fields.map(({ name }, index) => `${name}=${sweepValueText(values[index])}`).join(' ');
    if (before === undefined) seen.set(key, { id: seen.size + 1, label, values, config });
    else if (search === 'grid') throw equal(before.label, label);
  }
  return [...seen.values()];
}

/** The values are set as --set would set them: choices before their options. */
function configurationAt(
  fields: readonly SweepField[],
  values: readonly unknown[],
  sources: ConfigSources,
  tools: StudyTools,
): RunConfig {
  const varied = fields
    .map(({ path }, index): FieldSetting => ({
      path: path.split('.'),
      value: values[index],
      origin: `--vary ${path.replace('.options.', '.')}=${sweepValueText(values[index])}`,
    }))
    .sort((a, b) => a.path.length - b.path.length);
  // What was meant to be shown is no part of what a trial depends on.
  const { sweep: _, plan: __, ...config } = tools.configure(varied, sources);
  return config;
}

const equal = (one: string, other: string): InputError =>
  new InputError('sweep-configuration-twice', {
    asked: `Train ${one} and ${other}`,
    found: 'they are one and the same configuration',
    todo: 'List each value once, in one way of writing it',
  });

async function check({ id, label, config }: SweepConfiguration, tools: StudyTools): Promise<void> {
  try {
    await tools.check(config);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const { asked, found, todo } = cause.parts;
    throw new InputError(
      cause.code,
      { asked: `${asked} in configuration #${id} (${label})`, found, todo },
      { cause },
    );
  }
}
