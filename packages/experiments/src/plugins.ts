import type { PluginHost, RunConfig } from '@ligature/core';

/** Loads the plug-ins that a configuration names; one that is loaded already stays as it is. */
export async function loadPlugins(
  host: PluginHost,
  config: Pick<RunConfig, 'plugins'>,
  cwd: string,
): Promise<void> {
  for (const specifier of config.plugins) await host.load(specifier, cwd);
}
