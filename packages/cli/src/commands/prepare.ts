/** From flags to a checked configuration and a host that has every plug-in of it. */
import { visible, type Choice, type PluginHost, type RunConfig } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import { Document, isScalar, visit } from 'yaml';
import { createHost } from '../builtins.js';
import { checkedConfig, readDraft } from '../config/build.js';
import type { RunFlags } from '../config/flags.js';
import { modelOptionsIn } from '../config/model-flags.js';
import { settledConfig } from '../config/settle.js';
import { preflight } from '../config/preflight.js';
import type { Context, ExperimentFlags } from './context.js';

export interface Prepared {
  readonly config: RunConfig;
  readonly host: PluginHost;
}

/** @param controllersOf those that the command will run */
export async function prepare(
  flags: RunFlags & ExperimentFlags,
  { io: { cwd }, modelOptions }: Context,
  controllersOf: (config: RunConfig) => readonly Choice[],
): Promise<Prepared> {
  const given = { ...flags, ...modelOptionsIn({ ...flags }, modelOptions) };
  const draft = await readDraft({ flags: given, file: flags.config, cwd });
  const checked = checkedConfig(draft);
  const host = createHost();
  await loadPlugins(host, checked, cwd);
  const config = settledConfig(checked, host, draft);
  await preflight(config, controllersOf(config), host, cwd);
  return { config, host };
}

/** What `--print-config` shows: the checked configuration with every default, in a form that `--config` reads. */
export function printConfig(config: RunConfig, { io, json }: Context): void {
  io.stdout.write(json ? `${JSON.stringify(config, null, 2)}\n` : yamlOf(config));
}

/** Texts that act on a terminal stand in quotes, where what makes them visible means the same. */
function yamlOf(config: RunConfig): string {
  const document = new Document(config);
  visit(document, (_, node) => {
    if (isScalar(node) && typeof node.value === 'string' && visible(node.value) !== node.value)
      node.type = 'QUOTE_DOUBLE';
  });
  return document.toString();
}
