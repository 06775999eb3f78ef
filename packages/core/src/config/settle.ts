/** Fills in what only the plug-ins know: the options of what is chosen, and the data that a task takes. */
import type { PluginKind } from '../contracts/plugin.js';
import { InputError } from '../errors.js';
import type { PluginHost } from '../plugins/host.js';
import type { Choice, RunConfig } from './schema.js';

/**
 * A configuration with every option of its model, task, optimizer and adapters written out, so that a run's folder says
 * all that it depends on. Under the official profile the entries' official options stand below the written ones.
 * Settling a settled one changes nothing.
 *
 * @throws InputError (`unknown-model`, …; `options-invalid` naming every option that the entry does not have or refuses;
 *   `data-unused` for a dataset or a tokenizer that the task makes nothing of)
 */
export function settleConfig(config: RunConfig, host: PluginHost): RunConfig {
  const settled = <K extends PluginKind>(kind: K, { name, options }: Choice): Choice => {
    const official = config.tying.profile === 'official' ? host.entry(kind, name).meta.official : undefined;
    return {
      name,
      options: host.options(kind, name, { ...official, ...options }) as Choice['options'],
    };
  };
  return {
    ...config,
    task: settled('tasks', config.task),
    dataset: dataOf(config, host, 'dataset'),
    tokenizer: dataOf(config, host, 'tokenizer'),
    model: settled('models', config.model),
    optimizer: settled('optimizers', config.optimizer),
    adapters: config.adapters.map((one) => settled('adapters', one)),
  };
}

function dataOf(config: RunConfig, host: PluginHost, field: 'dataset' | 'tokenizer'): Choice | null {
  const given = config[field];
  const usual = host.entry('tasks', config.task.name).meta.data?.[field];
  if (usual !== undefined) return given ?? { name: usual, options: {} };
  if (given === null) return null;
  throw new InputError('data-unused', {
    asked: `Learn the task "${config.task.name}" with the ${field} "${given.name}"`,
    found: `the task uses no ${field}`,
    todo: `Leave the ${field} out, or choose another task`,
  });
}

/**
 * Layers of the stack that a settled configuration describes: the option `layers` of its model.
 *
 * @throws InputError (`layers-unknown`) for a model without one: what is planned by layers cannot be planned for it
 */
export function stackLayers({ model: { name, options } }: Pick<RunConfig, 'model'>): number {
  const { layers } = options;
  if (typeof layers === 'number') return layers;
  throw new InputError('layers-unknown', {
    asked: `Plan by the layers of the model "${name}"`,
    found: 'it has no option `layers`',
    todo: 'Choose a model that says how many layers it has',
  });
}

/** What a run is trained on, for people and folders: its dataset, or its task where that makes its own data. */
export const dataLabel = ({ dataset, task }: Pick<RunConfig, 'dataset' | 'task'>): string =>
  dataset?.name ?? task.name;
