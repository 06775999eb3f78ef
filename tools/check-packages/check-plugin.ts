/** A package that is a plug-in says so in two exports, under its own name and version. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Package } from './packages.js';

interface PluginLike {
  readonly name?: unknown;
  readonly version?: unknown;
}

/** Imports the built entry. @returns findings, empty when all is well or it is no plug-in */
export async function checkPlugin({ name, folder, manifest }: Package): Promise<string[]> {
  const entry = manifest.exports?.['.'];
  const file = typeof entry === 'string' ? entry : entry?.['default'];
  if (file === undefined) return [];
  let module: { plugin?: PluginLike; default?: PluginLike };
  try {
    module = (await import(pathToFileURL(join(folder, file)).href)) as typeof module;
  } catch (cause) {
    return [`importing ${file} failed: ${cause instanceof Error ? cause.message : String(cause)}`];
  }
  const { plugin } = module;
  if (plugin === undefined && module.default === undefined) return [];
  const findings: string[] = [];
  if (plugin !== module.default)
    findings.push('its plug-in is not both the export `plugin` and the default export');
  if (plugin?.name !== name) findings.push(`its plug-in is called ${String(plugin?.name)}`);
  if (plugin?.version !== manifest.version)
    findings.push(
      `its plug-in says it is version ${String(plugin?.version)}; the package is ${manifest.version}`,
    );
  return findings;
}
