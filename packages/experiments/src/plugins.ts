import type { PluginHost, RunConfig } from '@ligature/core';

/** Loads the plug-ins that a configuration names, those that are not registered yet. */
export async function loadPlugins(
  host: PluginHost,
  config: Pick<RunConfig, 'plugins'>,
  cwd: string,
): Promise<void> {
  const loaded = loadedBy(host);
  for (const specifier of config.plugins) {
    if (loaded.has(specifier)) continue;
    await host.load(specifier, cwd);
    loaded.add(specifier);
  }
}

/** What was loaded into a host by name or path, kept with the host and gone with it. */
const specifiers = new WeakMap<PluginHost, Set<string>>();

function loadedBy(host: PluginHost): Set<string> {
  let loaded = specifiers.get(host);
  if (!loaded) specifiers.set(host, (loaded = new Set()));
  return loaded;
}
