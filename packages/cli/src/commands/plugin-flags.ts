/** The flags that only plug-ins know: those of their studies, and the options of the model that is chosen. */
import { runConfigSchema, type PluginHost } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import { createHost } from '../builtins.js';
import { modelAsked, modelFlags } from '../config/model-flags.js';
import type { Io } from '../io.js';
import type { NamedFlags } from '../program.js';

/**
 * @param taken words of flags that mean something else
 * @throws InputError for a plug-in that cannot be loaded, and for a model that nobody offers: its flags would be the
 *   mistake that is reported
 */
export async function flagsOfPlugins(
  argv: readonly string[],
  { cwd }: Pick<Io, 'cwd'>,
  taken: ReadonlySet<string>,
): Promise<NamedFlags> {
  const { model: named, task, plugins } = await modelAsked(argv, cwd);
  const host = createHost();
  const known = new Set(host.names('studies'));
  await loadPlugins(host, { plugins }, cwd);
  const model = named ?? usualModel(host, task);
  const added = host.all('studies').filter(({ name }) => !known.has(name));
  return {
    studies: Object.fromEntries(added.map(({ name, entry }) => [name, entry.command])),
    model: { name: model, flags: modelFlags(host, model, taken) },
  };
}

/** Of a task that nobody offers, the general one: the command itself will say what is wrong. */
function usualModel(host: PluginHost, task: string | undefined): string {
  const known = task !== undefined && host.names('tasks').includes(task);
  const { model } = known ? host.entry('tasks', task).meta : {};
  return model ?? runConfigSchema.parse({}).model.name;
}
