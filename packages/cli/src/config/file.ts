/** Configuration files: YAML and JSON as data, TypeScript and JavaScript as a module. */
import { statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { InputError } from '@ligature/core';
import { readPlainFileSync } from '@ligature/core/node';
import { defineConfig } from './define.js';
import { isObject, type Draft } from './paths.js';
import { parseYaml } from './yaml.js';

const DATA = ['.yaml', '.yml', '.json'];
const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** A configuration is written by hand. */
const MOST_BYTES = 2 ** 20;

/**
 * Reads a configuration file. Paths in it that begin with `./` or `../` (dataset, plug-ins, out, weights) are relative
 * to the file and come back absolute.
 *
 * @throws InputError (`config-unreadable`) naming the file
 */
export async function readConfigFile(name: string, cwd: string): Promise<Draft> {
  const path = resolve(cwd, name);
  const refuse = (found: string, todo: string, cause?: unknown): InputError =>
    new InputError('config-unreadable', { asked: `Read the configuration ${name}`, found, todo }, { cause });
  const kind = extname(path).toLowerCase();
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) throw refuse('there is no such file', 'Check the path given to --config');
  if (!DATA.includes(kind) && !MODULES.includes(kind)) {
    throw refuse(`its name ends in "${kind}"`, `Use a file ending in ${[...DATA, ...MODULES].join(', ')}`);
  }
  if (!there.isFile()) throw refuse('it is no plain file', 'Write the configuration to a file');
  let content: unknown;
  try {
    content = DATA.includes(kind) ? readData(path) : await importConfig(path);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause);
    throw refuse(reason.replace(/[:.]$/, ''), 'Mend the file', cause);
  }
  // An empty YAML file is a configuration with every default.
  if (content === null || content === undefined) content = {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw refuse('it holds no object of fields', 'Write fields such as `model: { layers: 12 }`');
  }
  return withPathsFrom(dirname(path), content as Draft);
}

/** What a YAML or JSON file says. */
function readData(path: string): unknown {
  const bytes = readPlainFileSync(path, { most: MOST_BYTES });
  return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/**
 * The default export, or what it returns if it is a function. TypeScript is compiled on the way by jiti.
 * `defineConfig` comes from this very package, wherever the file lies: it need not be installed there.
 */
async function importConfig(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { virtualModules: { '@ligature/cli': { defineConfig } } });
  const exported = await jiti.import(path, { default: true });
  return typeof exported === 'function' ? await (exported as () => unknown)() : exported;
}

function withPathsFrom(folder: string, draft: Draft): Draft {
  const located = (value: unknown): unknown =>
    typeof value === 'string' && /^\.{1,2}[\\/]/.test(value) ? resolve(folder, value) : value;
  const { dataset, plugins, out, weights } = draft;
  /** The options of where weights come from, whatever their source calls them. */
  const inside = (value: unknown): unknown =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inside(one)]))
      : located(value);
  return {
    ...draft,
    ...(dataset !== undefined && {
      dataset: isNamed(dataset) ? { ...dataset, name: located(dataset.name) } : located(dataset),
    }),
    ...(plugins !== undefined && { plugins: Array.isArray(plugins) ? plugins.map(located) : plugins }),
    ...(out !== undefined && { out: located(out) }),
    ...(weights !== undefined && { weights: inside(weights) }),
  };
}

const isNamed = (value: unknown): value is { name: unknown } =>
  typeof value === 'object' && value !== null && 'name' in value;
