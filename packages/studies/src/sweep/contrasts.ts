/** Configurations as the contrasts of a plan name them. */
import { InputError, type PluginHost, type RunConfig } from '@ligature/core';
import { metricsOf } from '@ligature/run';
import { settledPlan } from '../planned/settle.js';
import type { SweepPlan } from './plan.js';

/**
 * A configuration is named by its label, `window=5 width=64`, its fields in any order.
 *
 * @throws InputError (`plan-invalid`, `unknown-contrast`, `unknown-metric`)
 */
export async function settledSweepPlan(
  config: RunConfig,
  { search, configurations }: Pick<SweepPlan, 'search' | 'configurations'>,
  host: PluginHost,
): Promise<RunConfig> {
  if (config.plan === undefined) return config;
  if (search === 'random')
    throw new InputError('plan-invalid', {
      asked: 'Plan contrasts of a sweep drawn at random',
      found: 'which configurations there will be is left to chance, and a contrast names two of them',
      todo: 'Give each field values that can be counted, and leave out sweep.samples and sweep.search',
    });
  const names = configurations.map(({ label }) => label);
  return settledPlan(config, {
    ...{ names, are: 'configurations such as ' + (names[0] ?? '') },
    read: (text) => names.find((name) => inOrder(name) === inOrder(text)) ?? text,
    metrics: await metricsOf(config, host),
    texts: [],
  });
}

const inOrder = (label: string): string => label.trim().split(/\s+/).sort().join(' ');
