/** From flags to fields of the configuration. */
import type { PluginKind } from '@ligature/core';
import { choiceReader, parseList, parseValue } from './choice.js';
import {
  nonEmpty,
  NUMBERS,
  parseBudget,
  parseNumber,
  parseParallel,
  parsePlugins,
  parseSeeds,
} from './field-texts.js';
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
  const choose = (flag: keyof RunFlags, kind: PluginKind): void => add(flag, [flag], choiceReader(kind));
  choose('task', 'tasks');
  add('dataset', ['dataset'], (text, flag) => choiceReader('datasets')(nonEmpty(text, flag), flag));
  choose('tokenizer', 'tokenizers');
  choose('model', 'models');
  for (const [name, text] of Object.entries(flags.modelOptions ?? {})) {
    const flag = flagName(name);
    list.push({
      path: ['model', 'options', name],
      value: parseValue(nonEmpty(text, flag)),
      origin: `${flag} ${text}`,
    });
  }
  choose('optimizer', 'optimizers');
  choose('controller', 'controllers');
  add('controllers', ['compare', 'controllers'], listReader('controllers'));
  add('control', ['compare', 'control'], choiceReader('controllers'));
  for (const [flag, path] of Object.entries(NUMBERS)) add(flag as keyof RunFlags, path, parseNumber);
  add('budget', ['training', 'budget'], parseBudget);
  add('seeds', ['compare', 'seeds'], parseSeeds);
  add('parallel', ['compare', 'parallel'], parseParallel);
  add('record', ['recorders'], listReader('recorders'));
  choose('backend', 'backends');
  add('out', ['out'], nonEmpty);
  if (flags.plugins !== undefined) {
    const text = flags.plugins.join(',');
    list.push({ path: ['plugins'], value: parsePlugins(text), origin: `--plugins ${text}` });
  }
  for (const text of flags.set ?? []) list.push({ ...parseAssignment(text), origin: `--set ${text}` });
  return list;
}

const listReader =
  (kind: PluginKind) =>
  (text: string, flag: string): unknown =>
    parseList(kind, text, flag);
