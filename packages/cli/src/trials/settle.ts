/** From `compare.parallel` to a number: settled once, before the trials are planned, so that their plan records it. */
import type { PluginHost, RunConfig } from '@ligature/core';
import { estimateTrialBytes, settleParallel, type Machine, type TrialPlan } from '@ligature/studies';

/** Of a tokenizer that does not say how many tokens it will have: GPT-2's, so rather too many. */
const MANY_TOKENS = 50_257;

export interface SettledTrials {
  readonly config: RunConfig;
  readonly plans: readonly TrialPlan[];
}

/** @param plan the trials of a configuration, as many whatever `threads` says */
export function settleTrials(
  config: RunConfig,
  plan: (config: RunConfig) => readonly TrialPlan[],
  host: PluginHost,
  machine?: Machine,
): SettledTrials {
  const trials = plan(config);
  const bytes = trials.map((trial) => estimateTrialBytes(trial.config, vocabularyOf(trial.config, host)));
  const settled = settleParallel(config, trials.length, Math.max(...bytes), machine);
  return { config: settled, plans: plan(settled) };
}

function vocabularyOf({ tokenizer }: RunConfig, host: PluginHost): number {
  const options: unknown = host.options('tokenizers', tokenizer.name, tokenizer.options);
  if (tokenizer.name === 'byte') return 256;
  const size = (options as { readonly vocabularySize?: unknown } | undefined)?.vocabularySize;
  return typeof size === 'number' ? size : MANY_TOKENS;
}
