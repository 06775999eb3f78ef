/** Flags of the options of the model that is chosen: they are what its own schema says, and no others. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PluginHost } from '@ligature/core';
import { z } from 'zod';
import { parseYaml } from './yaml.js';

export interface ModelFlag {
  /** Of the option: `layerNormEpsilon`. */
  readonly name: string;
  /** `--layer-norm-epsilon <value>` */
  readonly flags: string;
  readonly description: string;
}

/** `layerNormEpsilon` -> `--layer-norm-epsilon`. */
export const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * What a command line says of its model and plug-ins before it is parsed: which flags there are depends on it. A file
 * that cannot be read says nothing here; the command itself will say what is wrong with it.
 */
export function modelAsked(argv: readonly string[], cwd: string): { model?: string; plugins: string[] } {
  const given = (flag: string): string[] =>
    argv.flatMap((word, at) =>
      word === flag ? [argv[at + 1] ?? ''] : word.startsWith(`${flag}=`) ? [word.slice(flag.length + 1)] : [],
    );
  const [file] = given('--config').slice(-1);
  const inFile = file === undefined ? {} : readQuietly(resolve(cwd, file));
  const model = given('--model').at(-1)?.split(':')[0] ?? nameOf(inFile['model']);
  const listed = inFile['plugins'];
  return {
    ...(model !== undefined && model !== '' && { model }),
    plugins: [
      ...(Array.isArray(listed) ? listed.filter((one): one is string => typeof one === 'string') : []),
      ...given('--plugins').flatMap((text) => text.split(',')),
    ].filter((name) => name !== ''),
  };
}

/** Those of a command's flags that are options of the model. @param names of the options */
export const modelOptionsIn = (
  flags: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { readonly modelOptions: Readonly<Record<string, string>> } => ({
  modelOptions: Object.fromEntries(
    names.flatMap((name) => {
      const given = flags[name];
      return typeof given === 'string' ? [[name, given]] : [];
    }),
  ),
});

/** The flags of a model's options; none for a model that nobody offers. @param taken flags that mean something else */
export function modelFlags(host: PluginHost, model: string, taken: ReadonlySet<string>): ModelFlag[] {
  const entry = host.all('models').find(({ name }) => name === model)?.entry;
  if (!entry) return [];
  const { properties = {} } = z.toJSONSchema(entry.meta.options, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties)
    .filter(([name]) => !taken.has(flagName(name)))
    .map(([name, property]) => {
      const { description, default: usual } =
        typeof property === 'object' ? property : ({} as { description?: string; default?: unknown });
      return {
        name,
        flags: `${flagName(name)} <value>`,
        description: `${description ?? `option ${name} of the model`}${usual === undefined ? '' : ` (${JSON.stringify(usual)})`}`,
      };
    });
}

function readQuietly(path: string): Record<string, unknown> {
  try {
    const content = /\.(ya?ml|json)$/i.test(path) ? parseYaml(readFileSync(path, 'utf8')) : undefined;
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function nameOf(choice: unknown): string | undefined {
  if (typeof choice === 'string') return choice;
  const name =
    typeof choice === 'object' && choice !== null ? (choice as { name?: unknown }).name : undefined;
  return typeof name === 'string' ? name : undefined;
}
