/** Flags of the options of the model that is chosen: they are what its own schema says, and no others. */
import type { PluginHost } from '@ligature/core';
import { z } from 'zod';
import { readConfigFile } from './file.js';
import { choiceOf, parseAssignment, setPath, type Draft } from './paths.js';

export interface ModelFlag {
  /** Of the option: `layerNormEpsilon`. */
  readonly name: string;
  /** `--layer-norm-epsilon <n>` */
  readonly flags: string;
  readonly description: string;
}

/** `layerNormEpsilon` -> `--layer-norm-epsilon`. */
export const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What a command line says of its model, task and plug-ins before it is parsed: which flags there are depends on it. */
export async function modelAsked(
  argv: readonly string[],
  cwd: string,
): Promise<{ readonly model?: string; readonly task?: string; readonly plugins: string[] }> {
  const given = (flag: string): string[] =>
    argv.flatMap((word, at) =>
      word === flag ? [argv[at + 1] ?? ''] : word.startsWith(`${flag}=`) ? [word.slice(flag.length + 1)] : [],
    );
  const [file] = given('--config').slice(-1);
  const inFile = file === undefined ? {} : await readQuietly(file, cwd);
  const [model] = given('--model').slice(-1);
  const [task] = given('--task').slice(-1);
  const listed = given('--plugins').flatMap((text) => text.split(','));
  const flags: Draft = {
    ...inFile,
    ...(model !== undefined && { model: beforeOptions(model) }),
    ...(task !== undefined && { task: beforeOptions(task) }),
    ...(listed.length > 0 && { plugins: listed }),
  };
  const draft = given('--set').reduce(setQuietly, flags);
  const named = (field: string): string | undefined => {
    const name = choiceOf(draft[field])?.name;
    return typeof name === 'string' && beforeOptions(name) !== '' ? beforeOptions(name) : undefined;
  };
  const names = { model: named('model'), task: named('task') };
  const listedIn = draft['plugins'];
  const plugins: readonly unknown[] =
    typeof listedIn === 'string' ? listedIn.split(',') : Array.isArray(listedIn) ? listedIn : [];
  return {
    ...(names.model !== undefined && { model: names.model }),
    ...(names.task !== undefined && { task: names.task }),
    plugins: plugins.flatMap((one) => (typeof one === 'string' && one.trim() !== '' ? [one.trim()] : [])),
  };
}

/** `gpt2:layers=2` -> `gpt2` */
const beforeOptions = (choice: string): string => (choice.split(':')[0] ?? '').trim();

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

/** What commander itself, or a command, makes of these words. */
const RESERVED: ReadonlySet<string> = new Set(['--help', '--version', '--executor', '--list']);

/**
 * The flags of a model's options. An option whose name makes no flag that reads back as it is set by --set alone.
 *
 * @param taken flags that mean something else
 * @throws InputError (`unknown-model`)
 */
export function modelFlags(host: PluginHost, model: string, taken: ReadonlySet<string>): ModelFlag[] {
  const { meta } = host.entry('models', model);
  return Object.entries(propertiesOf(meta.options)).flatMap(([name, property]) => {
    const flag = flagName(name);
    if (taken.has(flag) || RESERVED.has(flag) || !READS_BACK.test(flag)) return [];
    const { description = `option ${name} of the model`, type } =
      typeof property === 'object' ? property : {};
    const value = type === 'integer' || type === 'number' ? 'n' : 'value';
    // Without the default: a study may have another one.
    return [{ name, flags: `${flag} <${value}>`, description }];
  });
}

function propertiesOf(schema: z.ZodType): Readonly<Record<string, z.core.JSONSchema._JSONSchema>> {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {};
  } catch {
    // A plug-in may bring a schema that only checks; its options are set by --set.
    return {};
  }
}

/** `--no-bias` is how commander takes `--bias` back. */
const READS_BACK = /^--(?!no-)[a-z][a-z0-9_]*(-[a-z][a-z0-9_]*)*$/;

/** What cannot be read says nothing here; the command itself will say what is wrong with it. */
const readQuietly = (file: string, cwd: string): Promise<Draft> =>
  readConfigFile(file, cwd).catch(() => ({}));

function setQuietly(draft: Draft, text: string): Draft {
  try {
    const { path, value } = parseAssignment(text);
    return setPath(draft, path, value);
  } catch {
    return draft;
  }
}
