/** What the schema found wrong, in words, with the field and where its value came from. */
import { explainIssue, InputError, MOVED_FIELDS, nearestName, runConfigSchema } from '@ligature/core';
import { z } from 'zod';
import type { Draft } from './paths.js';

type Issue = z.core.$ZodIssue;

export interface Origins {
  /** Dotted path of a field -> the flag that set it. */
  readonly flags: ReadonlyMap<string, string>;
  readonly file?: string;
}

/** The schema of the options of a choice, where what is refused lies in there. */
export interface EntrySchema {
  readonly field: string;
  readonly schema: z.ZodType;
}

/** The error for a draft that the schema refuses: it names every field at fault, and says who set it. */
export function configError(
  error: z.ZodError,
  draft: Draft,
  origins: Origins,
  entry?: EntrySchema,
): InputError {
  const findings = error.issues.map((issue) => finding(issue, draft, entry));
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

function flagOf(issue: Issue, { flags }: Origins): string | undefined {
  // A field that does not exist is reported at the object that it stands in.
  const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [];
  for (const place of [...places, issue.path]) {
    for (let length = place.length; length > 0; length -= 1) {
      const flag = flags.get(place.slice(0, length).join('.'));
      if (flag !== undefined) return flag;
    }
    // A flag below it made the object that is refused.
    const prefix = place.length === 0 ? '' : `${place.join('.')}.`;
    const below = [...flags].find(([field]) => field.startsWith(prefix))?.[1];
    if (below !== undefined && (prefix !== '' || places.length === 0)) return below;
  }
  return undefined;
}

function finding(issue: Issue, draft: Draft, entry?: EntrySchema): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(key, path, entry)).join('; ');
  }
  const place = shownPath(path);
  if (issue.code === 'custom') return place ? `${place}: ${issue.message}` : issue.message;
  const value = issue.path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null ? (inside as Draft)[key as string] : undefined,
    draft,
  );
  const given = value === undefined ? 'it is missing' : `not ${JSON.stringify(value)}`;
  const rule = isChoice(issue) ? 'must be a name, or an object of name and options' : explainIssue(issue);
  return `${place || 'the configuration'} ${rule}, ${given}`;
}

/** A union with a bare name in it is the choice of a plug-in. */
const isChoice = (issue: Issue): boolean =>
  issue.code === 'invalid_union' &&
  issue.errors.some((branch) =>
    branch.some(({ path, ...rest }) => path.length === 0 && 'expected' in rest && rest.expected === 'string'),
  );

function unknownField(key: string, path: readonly string[], entry?: EntrySchema): string {
  const full = shownPath([...path, key]);
  const moved = Object.hasOwn(MOVED_FIELDS, full) ? MOVED_FIELDS[full] : undefined;
  if (moved !== undefined) return `there is no field "${full}": it is ${shownPath(moved.split('.'))} now`;
  const known = entry ? fieldsOf(entry.schema) : fieldsAt(path);
  const nearest = nearestName(key, known);
  const hint = nearest ? `did you mean "${nearest}"?` : `known: ${known.join(', ')}`;
  return `there is no field "${full}" (${hint})`;
}

/** `model.options.layers` is written `model.layers`. */
const shownPath = (path: readonly string[]): string =>
  path.filter((key, at) => !(at === 1 && key === 'options' && path.length > 2)).join('.');

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Names of the fields of an object inside the configuration. */
function fieldsAt(path: readonly string[]): string[] {
  let schema: JsonSchema | undefined = toJson(runConfigSchema);
  for (const key of path) schema = schema?.properties?.[key] as JsonSchema | undefined;
  return Object.keys(schema?.properties ?? {});
}

const fieldsOf = (schema: z.ZodType): string[] => Object.keys(toJson(schema).properties ?? {});

const toJson = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
