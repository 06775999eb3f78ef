/** Rules for the entry itself: what the host, a configuration file and `ligature plugins` do with it. */
import { PluginHost } from '@ligature/core';
import type { PluginKind } from '@ligature/core';
import { z } from 'zod';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import type { Subject } from '../harness/subject.js';

type EntrySubject = Pick<Subject<PluginKind>, 'plugin' | 'name' | 'kind' | 'entry' | 'options' | 'parsed'>;

const registers: RuleSpec<EntrySubject> = {
  id: 'registers',
  must: 'the plug-in host takes the plug-in',
  why: 'A plug-in that the host refuses cannot be named in any run',
  mend: 'Export the result of definePlugin({ name, version, … }), each entry with meta.summary, meta.options and create',
  check: async ({ plugin, entry }) => {
    try {
      new PluginHost().register(plugin);
    } catch (error) {
      broken(`the host refuses it: ${showError(error)}`);
    }
    if (entry.meta.summary.includes('\n')) broken('meta.summary has more than one line');
  },
};

const optionsDefaults: RuleSpec<EntrySubject> = {
  id: 'options-defaults',
  must: 'the options of this check pass the schema, and so do those of the official profile',
  why: 'A user who names the plug-in without options gets its defaults; a default that is refused ends the run before it starts',
  mend: 'Give every option a default, or pass this check the options that have none',
  check: async ({ entry, options, parsed }) => {
    parsed();
    const { official } = entry.meta;
    if (official) parsed({ ...official, ...options });
  },
};

const optionsJson: RuleSpec<EntrySubject> = {
  id: 'options-json',
  must: 'options are JSON: the schema has a JSON Schema, and options that come back from a file mean the same',
  why: 'The options are written to config.json and read from it by `ligature resume`; `ligature plugins NAME` shows their JSON Schema',
  mend: 'Use strings, numbers, booleans, lists and objects; build classes, functions and dates from them in `create`',
  check: async ({ entry, options, parsed }) => {
    jsonSchema(entry.meta.options);
    for (const written of [options, { ...entry.meta.official, ...options }]) {
      const copy = JSON.parse(JSON.stringify(written)) as Record<string, unknown>;
      const found = difference(parsed(written), parsed(copy), ['as written', 'after JSON']);
      if (found !== undefined) broken(found);
      const twice = difference(parsed(written), parsed(written));
      if (twice !== undefined) broken(`parsed twice, ${twice}`);
    }
  },
};

const optionsUnknown: RuleSpec<EntrySubject> = {
  id: 'options-unknown',
  must: 'an option that does not exist is refused',
  why: 'A misspelt option that is passed over trains with the default, and nobody notices',
  mend: 'Use z.strictObject({ … }) for the options',
  check: async ({ entry, options, parsed }) => {
    parsed();
    const misspelt = { ...options, 'no such option': 1 };
    if (entry.meta.options.safeParse(misspelt).success) broken('the schema takes { "no such option": 1 }');
  },
};

const optionsDescribed: RuleSpec<EntrySubject> = {
  id: 'options-described',
  must: 'every option says what it does',
  why: '`ligature plugins NAME` shows the descriptions: they are the manual that users see',
  mend: "Add .describe('what it does, in which unit') to the option",
  check: async ({ entry }) => {
    const bare = [...new Set(undescribed(jsonSchema(entry.meta.options), ''))];
    if (bare.length > 0) broken(`no description of ${bare.map((name) => `"${name}"`).join(', ')}`);
  },
};

/** The rules that hold for entries of every kind. */
export const entryRules = <S extends EntrySubject>(): readonly RuleSpec<S>[] => [
  registers,
  optionsDefaults,
  optionsJson,
  optionsUnknown,
  optionsDescribed,
];

type Schema = z.core.JSONSchema.BaseSchema;

/** @throws Finding (of `options-json`) */
function jsonSchema(options: z.ZodType): Schema {
  try {
    return z.toJSONSchema(options, { io: 'input' });
  } catch (error) {
    throw new Finding(`the schema has no JSON Schema: ${showError(error)}`, 'options-json');
  }
}

/** Dotted names of the options without a description, below alternatives too. */
function undescribed(schema: Schema, prefix: string): string[] {
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []) as Schema[];
  return [
    ...alternatives.flatMap((one) => undescribed(one, prefix)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
      const option = value as Schema;
      const below = undescribed(option, `${prefix}${key}.`);
      return option.description ? below : [prefix + key, ...below];
    }),
  ];
}

/** @throws Finding (of `creates`) naming the functions that are missing */
export function assertFunctions(made: unknown, what: string, names: readonly string[]): void {
  if (typeof made !== 'object' || made === null) throw new Finding(`create gave ${show(made)}`, 'creates');
  const missing = names.filter((name) => typeof (made as Record<string, unknown>)[name] !== 'function');
  if (missing.length > 0) {
    throw new Finding(`the ${what} has no function ${missing.join(', ')}`, 'creates');
  }
}
