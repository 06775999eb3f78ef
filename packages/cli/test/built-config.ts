/** From flags and a file to a settled configuration, as commands make it; without the plug-ins that are named. */
import type { RunConfig } from '@ligature/core';
import { createHost } from '../src/builtins.js';
import { checkedConfig, readDraft } from '../src/config/build.js';
import type { RunFlags } from '../src/config/flags.js';
import { modelFlags, modelOptionsIn } from '../src/config/model-flags.js';
import { settledConfig } from '../src/config/settle.js';
import { experimentFlagNames } from '../src/program.js';

/** Flags of an experiment and those of a model, as a command line holds them side by side. */
export type GivenFlags = RunFlags & Readonly<Record<string, string | readonly string[]>>;

export async function builtConfig(source: {
  readonly flags: GivenFlags;
  readonly file?: string | undefined;
  readonly cwd: string;
}): Promise<RunConfig> {
  const host = createHost();
  const options = modelFlags(host, 'gpt2', new Set(experimentFlagNames())).map(({ name }) => name);
  const flags: RunFlags = { ...source.flags, ...modelOptionsIn(source.flags, options) };
  const draft = await readDraft({ ...source, flags });
  return settledConfig(checkedConfig(draft), host, draft);
}
