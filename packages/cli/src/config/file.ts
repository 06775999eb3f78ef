/** Configuration files: YAML and JSON as data, TypeScript and JavaScript as a module. */
import { statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { InputError } from '@ligature/core';
import { readPlainFileSync } from '@ligature/core/node';
import { defineConfig } from './define.js';
import { readNotation, withPlaces } from './notation.js';
import type { Draft } from './paths.js';
import { parseYaml } from './yaml.js';

const DATA = ['.yaml', '.yml', '.json'];
const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** A configuration is written by hand. */
const MOST_BYTES = 2 ** 20;

/**
 * Reads a configuration file. Its fields come back as flags would have set them, and paths in it that begin with `./` or
 * `../` (dataset, plug-ins, out, options of choices), which are relative to the file, absolute.
 *
 * @throws InputError (`config-unreadable`) naming the file, and those of single fields
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
  return withPlaces(readNotation(content as Draft), dirname(path));
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
