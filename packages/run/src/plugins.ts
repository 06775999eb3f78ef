import type { PluginHost, RunConfig } from '@ligature/core';
import { loadPlugin } from '@ligature/core/node';
import type { RunEnvironment } from './environment.js';

/** Loads the plug-ins that a configuration names; one that is loaded already stays as it is. */
export async function loadPlugins(
  host: PluginHost,
  config: Pick<RunConfig, 'plugins'>,
  cwd: string,
): Promise<void> {
  for (const specifier of config.plugins) await loadPlugin(host, specifier, cwd);
}

/**
 * Loads the plug-ins for a run that is opened again: those that the user names now. A run folder may come from
 * anywhere, so what its files name is not code that anybody here asked for; a part that is missing then is an
 * unknown name, whose error says how to add its plug-in.
 */
export async function loadNamedPlugins(env: RunEnvironment): Promise<void> {
  await loadPlugins(env.host, { plugins: [...(env.plugins ?? [])] }, env.cwd);
}
