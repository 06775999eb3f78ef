/** What the flags of a command line say to a study: settings of its own, fields of the configuration, or a mistake. */
import {
  explainIssue,
  InputError,
  type FieldSetting,
  type FlagReader,
  type MisplacedFlag,
  type StudyCommand,
  type StudyFlag,
} from '@ligature/core';
import { Option } from 'commander';
import type { z } from 'zod';
import { parseChoice, parseControllers } from '../config/choice.js';
import { nonEmpty, parseNumber, parseParallel, parseSeeds } from '../config/field-texts.js';
import { flagName } from '../config/model-flags.js';

export type GivenFlags = Readonly<Record<string, unknown>>;

/** `--max-maps <n>` -> `maxMaps`: as commander hands it over. */
export const attributeOf = (flags: string): string => new Option(flags).attributeName();

/** Flags that every experiment knows, and that mean nothing to some. */
export const EXPERIMENT_FLAGS = ['controller', 'controllers', 'control', 'seeds', 'parallel'] as const;

/** What every command takes, whatever its study is told. */
const ALWAYS = ['out', 'name', 'plugins', 'executor', 'json', 'quiet', 'verbose', 'list'];

export interface StudyFlags {
  readonly assignments: readonly FieldSetting[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** What is left of them: the common ones. */
  readonly common: GivenFlags;
}

/** @throws InputError (`flag-misplaced`, and those of single values) naming the flag */
export function readStudyFlags(command: StudyCommand, flags: GivenFlags): StudyFlags {
  const own = command.flags.filter(({ unless }) => unless === undefined || flags[unless] === undefined);
  const names = own.map((flag) => attributeOf(flag.flags));
  refuseMisplaced(command, names, flags);
  refuseSeveral(command, own, flags);
  const assignments: FieldSetting[] = [];
  const settings: Record<string, unknown> = {};
  own.forEach((flag, index) => {
    const given = flags[names[index] as string];
    if (given === undefined) return;
    // Its file has been read.
    if ('plan' in flag.sets) return;
    const name = flagName(names[index] as string);
    if (flag.read === 'pairs') {
      assignments.push(...(given as readonly string[]).map((text) => pair(text, name, flag)));
      return;
    }
    const value = flag.read === 'switch' ? given : READERS[flag.read](given as string, name);
    if ('setting' in flag.sets) settings[flag.sets.setting] = value;
    else assignments.push({ path: flag.sets.config, value, origin: `${name} ${String(given)}` });
    if (flag.also) {
      assignments.push({
        path: flag.also.config,
        value: flag.also.value,
        origin: `${name} ${String(given)}`,
      });
    }
  });
  const common = Object.fromEntries(Object.entries(flags).filter(([flag]) => !names.includes(flag)));
  return { assignments, settings, common };
}

const READERS: Readonly<
  Record<Exclude<FlagReader, 'pairs' | 'switch'>, (text: string, flag: string) => unknown>
> = {
  text: nonEmpty,
  number: parseNumber,
  numbers,
  list: (text) => text.split(',').map((part) => part.trim()),
  seeds: parseSeeds,
  parallel: parseParallel,
  controllers: parseControllers,
  choice: parseChoice,
};

/** `2,4` and `2-4`: numbers between commas, with ranges, in ascending order. */
function numbers(text: string, flag: string): number[] {
  const list = text.split(',').flatMap((part) => {
    const [low = '', high = low] = part.trim().split('-');
    const [from, to] = [parseNumber(low, flag), parseNumber(high, flag)];
    if (!Number.isInteger(from) || !Number.isInteger(to) || to - from > 1000) return [Number.NaN];
    return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => from + index);
  });
  return [...new Set(list)].sort((a, b) => a - b);
}

/** `tying.window=5,10,20`: the values stay a text until the types of the fields are known. */
function pair(text: string, flag: string, { sets, todo }: StudyFlag): FieldSetting {
  const at = text.indexOf('=');
  if (at < 1 || text.slice(at + 1).trim() === '' || !('config' in sets)) {
    throw new InputError('set-invalid', {
      asked: `Use ${flag} ${text}`,
      found: at < 1 ? 'there is no "="' : 'there are no values after "="',
      todo: todo ?? `Write ${flag} path=values`,
    });
  }
  return {
    path: [...sets.config, text.slice(0, at).trim()],
    value: text.slice(at + 1).trim(),
    origin: `${flag} ${text}`,
  };
}

function refuseMisplaced(command: StudyCommand, own: readonly string[], flags: GivenFlags): void {
  const { configured, common, misplaced } = command;
  const isMisplaced = (flag: string): boolean => {
    if (own.includes(flag) || ALWAYS.includes(flag) || flag in common) return false;
    // Flags of other studies under the same command, and of experiments of another kind.
    return !configured || (EXPERIMENT_FLAGS as readonly string[]).includes(flag) || flag === 'sweeps';
  };
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || !isMisplaced(flag)) continue;
    const { found, todo }: MisplacedFlag = misplaced.flags?.[flag] ?? misplaced;
    const filled = (text: string): string =>
      text.replaceAll('{flag}', flagName(flag)).replaceAll('{value}', String(value));
    throw new InputError('flag-misplaced', {
      asked: `${misplaced.verb} with ${flagName(flag)}${typeof value === 'string' ? ` ${value}` : ''}`,
      found: filled(found),
      todo: filled(todo),
    });
  }
}

function refuseSeveral(command: StudyCommand, own: readonly StudyFlag[], flags: GivenFlags): void {
  const alike = own.filter(({ oneOf }) => oneOf !== undefined);
  const given = alike.filter((flag) => flags[attributeOf(flag.flags)] !== undefined);
  const twice = given.find(({ oneOf }) => given.filter((other) => other.oneOf === oneOf).length > 1);
  if (twice === undefined) return;
  const shown = (list: readonly StudyFlag[], last: string): string => {
    const names = list.map((flag) => flagName(attributeOf(flag.flags)));
    return `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
  };
  const said = given.map((flag) => {
    const attribute = attributeOf(flag.flags);
    return `${flagName(attribute)} ${String(flags[attribute])}`;
  });
  throw new InputError('flag-misplaced', {
    asked: `${command.misplaced.verb} with ${said.join(' and ')}`,
    found: 'they say one and the same thing',
    todo: `Give one of ${shown(
      alike.filter(({ oneOf }) => oneOf === twice.oneOf),
      'and',
    )}`,
  });
}

/** Settings as the study's schema has them. @throws InputError (`value-out-of-range`) naming the flag */
export function checkedSettings<S extends z.ZodType>(
  schema: S,
  settings: Readonly<Record<string, unknown>>,
  command: StudyCommand,
  flags: GivenFlags,
): z.output<S> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const flag = command.flags.find(({ sets }) => 'setting' in sets && sets.setting === issue.path[0]);
  const attribute = flag ? attributeOf(flag.flags) : String(issue.path[0] ?? '');
  throw new InputError('value-out-of-range', {
    asked: `Use ${flagName(attribute)} ${String(flags[attribute] ?? '')}`.trim(),
    found: `${flagName(attribute)} ${explainIssue(issue)}`,
    todo: flag?.todo ?? 'Give it another value, or leave it out',
  });
}
