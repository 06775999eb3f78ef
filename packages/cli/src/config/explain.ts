/** What the schema found wrong, in words, with the field and where its value came from. */
import { InputError, nearestName, runConfigSchema } from '@ligature/core';
import { z } from 'zod';
import type { Draft } from './paths.js';

type Issue = z.core.$ZodIssue;

export interface Origins {
  /** Dotted path of a field -> the flag that set it. */
  readonly flags: ReadonlyMap<string, string>;
  readonly file?: string;
}

/** The error for a draft that the schema refuses: it names every field at fault, and says who set it. */
export function configError(error: z.ZodError, draft: Draft, origins: Origins): InputError {
  const findings = error.issues.map((issue) => finding(issue, draft));
  const flags = new Set(error.issues.flatMap((issue) => flagOf(issue, origins) ?? []));
  const fromFile = error.issues.some((issue) => flagOf(issue, origins) === undefined);
  const asked =
    fromFile && origins.file ? `Use the configuration ${origins.file}` : `Use ${[...flags].join(' ')}`;
  return new InputError('config-invalid', {
    asked,
    found: findings.join('; '),
    todo: 'Correct it; `ligature train --print-config` shows every field with its default',
  });
}

function flagOf({ path }: Issue, { flags }: Origins): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const flag = flags.get(path.slice(0, length).join('.'));
    if (flag !== undefined) return flag;
  }
  // A wrong field below one that a flag made: `--set model.layres=3` is reported at `model`.
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  return [...flags].find(([field]) => field.startsWith(prefix))?.[1];
}

function finding(issue: Issue, draft: Draft): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(key, path)).join('; ');
  }
  const value = issue.path.reduce<unknown>(
    (place, key) =>
      typeof place === 'object' && place !== null ? (place as Draft)[key as string] : undefined,
    draft,
  );
  const given = value === undefined ? 'it is missing' : `not ${JSON.stringify(value)}`;
  return `${path.join('.') || 'the configuration'} ${explainIssue(issue)}, ${given}`;
}

/** What a value must be: `must be at least 1`. */
export function explainIssue(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return size(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return size(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'must be a name, or an object of name and options';
    default:
      return `is refused (${issue.message})`;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object of fields',
  record: 'an object of fields',
};

function size(origin: string, limit: number | bigint, comparison: string): string {
  if (origin === 'string') return 'must not be empty';
  if (origin === 'array') return `must have ${comparison} ${limit} entries`;
  return `must be ${comparison} ${limit}`;
}

function unknownField(key: string, path: readonly string[]): string {
  const known = fieldsAt(path);
  const nearest = nearestName(key, known);
  const hint = nearest ? `did you mean "${nearest}"?` : `known: ${known.join(', ')}`;
  return `there is no field "${[...path, key].join('.')}" (${hint})`;
}

/** Names of the fields of an object inside the configuration. */
function fieldsAt(path: readonly string[]): string[] {
  let schema: z.core.JSONSchema.BaseSchema | undefined = z.toJSONSchema(runConfigSchema, {
    io: 'input',
    unrepresentable: 'any',
  });
  for (const key of path) schema = schema?.properties?.[key] as typeof schema;
  return Object.keys(schema?.properties ?? {});
}
