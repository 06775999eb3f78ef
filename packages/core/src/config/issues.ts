/** What a schema found wrong, in words of this project: which field, what it must be, and what was given. */
import { z } from 'zod';
import { nearestName } from '../plugins/names.js';

type Issue = z.core.$ZodIssue;

/** What was checked, and by what: with both, messages name values and the fields that exist. */
export interface Checked {
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** All findings of a failed parse in one line: `steps must be a number, not "two"; there is no option …`. */
export function describeIssues(error: z.ZodError, checked?: Checked): string {
  return error.issues.map((issue) => describe(issue, checked)).join('; ');
}

function describe(issue: Issue, checked: Checked | undefined): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = checked ? fieldsAt(checked.schema, path) : [];
    return issue.keys.map((key) => unknownOption([...path, key].join('.'), key, known)).join('; ');
  }
  const subject = path.join('.');
  if (issue.code === 'custom') return subject ? `${subject}: ${issue.message}` : issue.message;
  const words = `${subject ? `${subject} ` : ''}${explainIssue(issue)}`;
  if (!checked) return words;
  const given = valueAt(checked.value, issue.path);
  return given === undefined && subject ? `${subject} is missing` : `${words}, not ${shown(given)}`;
}

/** As JSON, which can hold neither every value of a program nor one that is nested without end. */
function shown(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'what was given';
  }
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
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_union': {
      // What each of the alternatives says of the value itself; what they say of its insides would be too much.
      const outer = issue.errors.flatMap((branch) => branch.filter(({ path }) => path.length === 0));
      const rules = [...new Set(outer.map(explainIssue))];
      // `must be a number or a list`, not `must be a number or must be a list`.
      return (
        rules.map((rule, at) => (at > 0 ? rule.replace(/^must be /, '') : rule)).join(' or ') ||
        'has a wrong part'
      );
    }
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
  if (origin === 'string')
    return Number(limit) <= 1 ? 'must not be empty' : `must have ${comparison} ${limit} characters`;
  if (origin === 'array') return `must have ${comparison} ${limit} entries`;
  return `must be ${comparison} ${limit}`;
}

function unknownOption(full: string, key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  const hint = nearest
    ? ` (did you mean "${nearest}"?)`
    : known.length > 0
      ? ` (known: ${known.join(', ')})`
      : '';
  return `there is no option "${full}"${hint}`;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (place, key) =>
      typeof place === 'object' && place !== null ? (place as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

/** Names of the fields of an object inside a schema, also of one that may be null or something else. */
function fieldsAt(schema: z.ZodType, path: readonly string[]): string[] {
  let place: Shape | undefined = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) place = objectOf(place)?.properties?.[key] as Shape | undefined;
  return Object.keys(objectOf(place)?.properties ?? {});
}

type Shape = z.core.JSONSchema.BaseSchema;

const objectOf = (shape: Shape | undefined): Shape | undefined =>
  shape?.properties ? shape : (shape?.anyOf as Shape[] | undefined)?.find(({ properties }) => properties);
