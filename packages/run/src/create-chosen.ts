import type { Choice, PluginHost, PluginKind, PluginKinds, RunConfig } from '@ligature/core';

/** Makes a plug-in's thing; under the official profile its official options stand below the written ones. */
export function createChosen<K extends PluginKind>(
  host: PluginHost,
  config: RunConfig,
  kind: K,
  { name, options }: Choice,
  context: PluginKinds[K]['context'],
): Promise<PluginKinds[K]['made']> {
  const official = config.tying.profile === 'official' ? host.entry(kind, name).meta.official : undefined;
  const seconds = config.tying.timeoutSeconds;
  return host.create(kind, name, { ...official, ...options }, context, { seconds });
}
