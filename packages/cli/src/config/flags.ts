/** From flags to fields of the configuration. */
import { InputError } from '@ligature/core';
import { parseChoice, parseChoices, parseController, parseControllers, parseValue } from './choice.js';
import { flagName } from './model-flags.js';
import { parseAssignment } from './paths.js';

/** Flags of `train` and `compare` as commander hands them over: texts, not yet checked. */
export interface RunFlags {
  readonly controller?: string;
  readonly controllers?: string;
  readonly control?: string;
  readonly task?: string;
  readonly dataset?: string;
  readonly tokenizer?: string;
  readonly model?: string;
  /** Flags of the model's own options, by their names: `layers`, `width`. */
  readonly modelOptions?: Readonly<Record<string, string>>;
  readonly optimizer?: string;
  readonly batch?: string;
  readonly steps?: string;
  readonly budget?: string;
  readonly window?: string;
  readonly seed?: string;
  readonly seeds?: string;
  readonly parallel?: string;
  readonly record?: string;
  readonly backend?: string;
  readonly threads?: string;
  readonly plugins?: readonly string[];
  readonly out?: string;
  readonly set?: readonly string[];
}

/** One field set on the command line. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As the user wrote it, for messages: `--layers 0`. */
  readonly origin: string;
}

export const NUMBERS = {
  batch: ['training', 'batch'],
  steps: ['training', 'steps'],
  window: ['tying', 'window'],
  seed: ['seed'],
  threads: ['threads'],
} as const satisfies Partial<Record<keyof RunFlags, readonly string[]>>;

/** The fields that flags set, in the order in which they apply: `--set` comes last. */
export function assignmentsOf(flags: RunFlags): Assignment[] {
  const list: Assignment[] = [];
  const add = (
    flag: keyof RunFlags,
    path: readonly string[],
    read: (text: string, flag: string) => unknown,
  ) => {
    const text = flags[flag];
    if (typeof text !== 'string') return;
    list.push({ path, value: read(text, `--${flag}`), origin: `--${flag} ${text}` });
  };
  add('task', ['task'], parseChoice);
  add('dataset', ['dataset'], nonEmpty);
  add('tokenizer', ['tokenizer'], parseTokenizer);
  add('model', ['model'], parseChoice);
  for (const [name, text] of Object.entries(flags.modelOptions ?? {})) {
    const flag = flagName(name);
    list.push({
      path: ['model', 'options', name],
      value: parseValue(nonEmpty(text, flag)),
      origin: `${flag} ${text}`,
    });
  }
  add('optimizer', ['optimizer'], parseChoice);
  add('controller', ['controller'], parseController);
  add('controllers', ['compare', 'controllers'], parseControllers);
  add('control', ['compare', 'control'], parseController);
  for (const [flag, path] of Object.entries(NUMBERS)) add(flag as keyof RunFlags, path, parseNumber);
  add('budget', ['training', 'budget'], parseBudget);
  add('seeds', ['compare', 'seeds'], parseSeeds);
  add('parallel', ['compare', 'parallel'], parseParallel);
  add('record', ['recorders'], parseChoices);
  add('backend', ['backend'], parseChoice);
  add('out', ['out'], nonEmpty);
  if (flags.plugins !== undefined) {
    const names = flags.plugins.flatMap((text) => text.split(',')).map((name) => name.trim());
    list.push({ path: ['plugins'], value: names.filter(Boolean), origin: `--plugins ${names.join(',')}` });
  }
  for (const text of flags.set ?? []) list.push({ ...parseAssignment(text), origin: `--set ${text}` });
  return list;
}

/** A number; whether it is in range is for the schema to say. @throws InputError (`number-invalid`) */
export function parseNumber(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError('number-invalid', {
    asked: `Use ${flag} ${text}`,
    found: `"${text}" is not a number`,
    todo: `Give a number, for example ${flag} 8`,
  });
}

/** `3` is a number of seeds; `1,2,5` and `7,` are lists. @throws InputError (`number-invalid`) */
export function parseSeeds(text: string, flag: string): number | number[] {
  if (!text.includes(',')) return parseNumber(text, flag);
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parseNumber(part, flag));
}

/** `tokens:1e6`, `flops:1e12`, `seconds:60`; whether there is such a budget is for the schema to say. */
function parseBudget(text: string, flag: string): unknown {
  const [kind = '', amount, ...rest] = text.split(':');
  if (kind !== '' && amount !== undefined && rest.length === 0)
    return { kind, amount: parseNumber(amount, flag) };
  throw new InputError('budget-invalid', {
    asked: `Use ${flag} ${text}`,
    found: 'it is not a kind and an amount',
    todo: `Write tokens, flops or seconds with an amount, for example ${flag} tokens:1e6`,
  });
}

export const parseParallel = (text: string, flag: string): unknown =>
  text === 'auto' ? text : parseNumber(text, flag);

/** A tokenizer by name, or the path of a tokenizer.json. */
function parseTokenizer(text: string, flag: string): unknown {
  return text.endsWith('.json') ? { name: 'file', options: { path: text } } : parseChoice(text, flag);
}

export function nonEmpty(text: string, flag: string): string {
  if (text.trim() !== '') return text;
  throw new InputError('value-empty', {
    asked: `Use ${flag}`,
    found: 'its value is empty',
    todo: `Give ${flag} a value, or leave it out`,
  });
}
