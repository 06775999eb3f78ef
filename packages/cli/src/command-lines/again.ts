/** The commands that go on with a folder, as they are to be typed: a folder's own plug-ins are never loaded unasked. */
import { visibleLine, type PluginHost, type PluginKind, type RunConfig } from '@ligature/core';
import { BUILTINS } from '../builtins.js';

export const howToResume = (folder: string, plugins: readonly string[]): string =>
  `To go on: ligature resume ${word(folder)}${withPlugins(plugins)}`;

/** ` --plugins a,b`, or nothing. */
export const withPlugins = (plugins: readonly string[]): string =>
  plugins.length === 0 ? '' : ` --plugins ${word(plugins.join(','))}`;

/** Whether a saved model is made by plug-ins of others, which `generate` then has to load. */
export const generateNeedsPlugins = (config: RunConfig, host: PluginHost): boolean =>
  [
    isForeign(host, 'tasks', config.task.name),
    isForeign(host, 'models', config.model.name),
    isForeign(host, 'optimizers', config.optimizer.name),
    config.adapters.some(({ name }) => isForeign(host, 'adapters', name)),
    config.tokenizer !== null && isForeign(host, 'tokenizers', config.tokenizer.name),
    isForeign(host, 'backends', config.backend.name),
  ].includes(true);

/** The same for `evaluate`, which reads the text and measures besides. */
export const evaluateNeedsPlugins = (config: RunConfig, host: PluginHost): boolean =>
  generateNeedsPlugins(config, host) ||
  (config.dataset !== null && isForeign(host, 'datasets', config.dataset.name)) ||
  config.evaluation.evaluators.some(({ name }) => isForeign(host, 'evaluators', name));

function isForeign(host: PluginHost, kind: PluginKind, name: string): boolean {
  // A path of a text and the backend `auto` are no entries, and nobody's.
  const owner = host.all(kind).find((one) => one.name === name)?.plugin;
  return owner !== undefined && BUILTINS.every((plugin) => plugin.name !== owner);
}

/** In quotes where a shell would take it apart. */
export const word = (text: string): string =>
  /^[\w@%+=:,./\\~-]+$/.test(text) ? text : `"${visibleLine(text)}"`;
