/** From `compare.parallel` to a number: settled once, before the trials are planned, so that their plan records it. */
import type { PlannedTrial, PluginHost, RunConfig } from '@ligature/core';
import { estimateTrialBytes, settleParallel, type Machine } from '@ligature/studies';

/** Of a tokenizer that does not say how many tokens it will have: GPT-2's, so rather too many. */
const MANY_TOKENS = 50_257;

export interface SettledTrials {
  readonly config: RunConfig;
  readonly trials: readonly PlannedTrial[];
}

/** @param plan the trials of a configuration, as many whatever `threads` says */
export function settleTrials(
  config: RunConfig,
  plan: (config: RunConfig) => readonly PlannedTrial[],
  host: PluginHost,
  machine?: Machine,
): SettledTrials {
  const trials = plan(config);
  if (trials.length === 0) return { config, trials };
  const bytes = trials.map((trial) => estimateTrialBytes(trial.config, vocabularyOf(trial.config, host)));
  const settled = settleParallel(config, trials.length, Math.max(...bytes), machine);
  return { config: settled, trials: plan(settled) };
}

function vocabularyOf({ tokenizer }: RunConfig, host: PluginHost): number {
  if (tokenizer === null) return 0;
  const options: unknown = host.options('tokenizers', tokenizer.name, tokenizer.options);
  if (tokenizer.name === 'byte') return 256;
  const size = (options as { readonly vocabularySize?: unknown } | undefined)?.vocabularySize;
  return typeof size === 'number' ? size : MANY_TOKENS;
}
