/** The kinds of entries that plug-ins have. */
import type { PluginKind } from '../contracts/plugin.js';

export const PLUGIN_KINDS = [
  'controllers',
  'evaluators',
  'rewards',
  'tokenizers',
  'datasets',
  'models',
  'tasks',
  'adapters',
  'optimizers',
  'weights',
  'backends',
  'recorders',
  'studies',
  'executors',
] as const satisfies readonly PluginKind[];

const SINGULARS: Readonly<Partial<Record<PluginKind, string>>> = {
  studies: 'study',
  weights: 'weights source',
};

/** What one entry of a kind is called: `controller`. */
export const kindName = (kind: PluginKind): string => SINGULARS[kind] ?? kind.slice(0, -1);
