/** Plug-ins by file or npm name. Code is loaded only here, and only what the user named. */
import type { Plugin } from '../contracts/plugin.js';
import { InputError } from '../errors.js';
import { thrownMessage } from '../thrown.js';
import { makeCall } from '../plugins/calls/make-call.js';
import { PluginError } from '../plugins/calls/plugin-call.js';
import type { PluginHost } from '../plugins/host.js';
import { pluginGuard } from './guard/plugin-guard.js';
import { isPlainFile, located, missingEntry, notBuilt, notFound, shownFile } from './locate.js';

/**
 * Imports a plug-in by npm name or path and registers its default export (or an export named `plugin`).
 * Loading the same file again changes nothing.
 *
 * @param folder where relative paths and npm names are resolved from
 * @throws InputError (`plugin-not-found`, `plugin-failed`, `plugin-invalid`), PluginError (`plugin-stuck`)
 */
export async function loadPlugin(host: PluginHost, specifier: string, folder: string): Promise<Plugin> {
  const asked = `Load the plug-in "${specifier}"`;
  const url = located(specifier, folder);
  if (url === undefined) throw new InputError('plugin-not-found', { asked, ...notFound(specifier, folder) });
  const missing = missingEntry(url);
  if (missing !== undefined) {
    throw new InputError('plugin-not-found', { asked, ...notBuilt(specifier, missing, folder) });
  }
  if (!isPlainFile(url)) {
    const found = `${shownFile(url, folder)} is no plain file`;
    throw new InputError('plugin-not-found', { asked, found, todo: 'Name the file of the plug-in' });
  }
  let module: Record<string, unknown>;
  try {
    module = await imported(url, specifier);
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    throw new InputError(
      'plugin-failed',
      {
        asked,
        found: `importing it failed: ${thrownMessage(cause)}`,
        todo: 'Mend the plug-in; a TypeScript one must be compiled first',
      },
      { cause },
    );
  }
  const plugin = (module['default'] ?? module['plugin']) as Plugin | undefined;
  if (plugin === undefined) {
    const names = Object.keys(module);
    throw new InputError('plugin-invalid', {
      asked,
      found: `${shownFile(url, folder)} has no default export${names.length > 0 ? `; it exports ${names.join(', ')}` : ''}`,
      todo: 'Add `export default definePlugin({ name, version, controllers: { … } })`',
    });
  }
  // Node imports a file once: the same one gives the same object.
  if (!host.plugins().includes(plugin)) host.register(plugin);
  return plugin;
}

/** A module may wait for something at its top. */
function imported(url: string, plugin: string): Promise<Record<string, unknown>> {
  const caller = { platform: pluginGuard, seconds: null, timed: false };
  const rule = { pace: 'long', namedByCaller: true } as const;
  return makeCall({ plugin, call: 'import' }, rule, caller, [], () => import(url)) as Promise<
    Record<string, unknown>
  >;
}
