/** The options of a plug-in's entry as rows of a table, read from its schema. */
import { z } from 'zod';

export interface OptionRow {
  /** Dotted below objects: `network.hidden`. */
  readonly name: string;
  readonly type: string;
  /** `1 to 64`, `at least 0`, or empty. */
  readonly range: string;
  /** Absent: the option has no default. */
  readonly default?: unknown;
  readonly required: boolean;
  readonly description: string;
}

type Schema = z.core.JSONSchema.BaseSchema;

export function optionRows(options: z.ZodType): OptionRow[] {
  return rowsOf(z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }), '');
}

function rowsOf(schema: Schema, prefix: string): OptionRow[] {
  const alternatives = schema.anyOf ?? schema.oneOf;
  // Presets by profile: the options of each, named once.
  if (!schema.properties && alternatives) {
    const rows = alternatives.flatMap((one) => rowsOf(one as Schema, prefix));
    return [...new Map(rows.map((row) => [row.name, row])).values()];
  }
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const option = value as Schema;
    const name = prefix + key;
    if (option.properties) return rowsOf(option, `${name}.`);
    // An object or null: the row itself, and the fields of the object below it.
    const object = option.anyOf?.find((one) => (one as Schema).properties) as Schema | undefined;
    return [
      {
        name,
        type: typeOf(option),
        range: rangeOf(option),
        ...('default' in option && { default: option.default }),
        required: schema.required?.includes(key) ?? false,
        description: option.description ?? '',
      },
      ...(object ? rowsOf(object, `${name}.`) : []),
    ];
  });
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map((one) => typeOf(one as Schema)).join(' | ');
  if (schema.type === 'array') {
    const items = schema.items as Schema | undefined;
    return `list of ${items ? typeOf(items) : 'values'}`;
  }
  const names: Readonly<Record<string, string>> = {
    integer: 'whole number',
    string: 'text',
    boolean: 'true | false',
  };
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return names[type] ?? type;
}

/** zod writes the safe-integer limits for every whole number; they are no range to speak of. */
const limit = (value: unknown): number | undefined =>
  typeof value !== 'number' || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;

function rangeOf(schema: Schema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map((one) => rangeOf(one as Schema)).find(Boolean) ?? '';
  const [low, high] = [limit(schema.minimum), limit(schema.maximum)];
  const [above, below] = [limit(schema.exclusiveMinimum), limit(schema.exclusiveMaximum)];
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return [
    low === undefined ? '' : `at least ${low}`,
    above === undefined ? '' : `more than ${above}`,
    high === undefined ? '' : `at most ${high}`,
    below === undefined ? '' : `less than ${below}`,
  ]
    .filter(Boolean)
    .join(', ');
}
