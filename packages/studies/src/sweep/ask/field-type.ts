/** What the schemas say of a field: of the configuration's own, and of options by their plug-in's entry. */
import { runConfigSchema, type PluginHost, type PluginKind, type RunConfig } from '@ligature/core';
import { z } from 'zod';

export interface FieldType {
  /** Whether it takes whole numbers alone; `null` when it is no number or nobody knows. */
  readonly integer: boolean | null;
  /** Names of its fields, if it is an object. */
  readonly fields: readonly string[];
}

type Shape = z.core.JSONSchema.BaseSchema;

const KINDS: Readonly<Record<string, PluginKind>> = {
  dataset: 'datasets',
  tokenizer: 'tokenizers',
  controller: 'controllers',
  reward: 'rewards',
  backend: 'backends',
  model: 'models',
  task: 'tasks',
  optimizer: 'optimizers',
};

/** @param names of the plug-ins' entries that the field's choice may take, the likeliest first */
export function fieldType(path: readonly string[], names: readonly string[], host: PluginHost): FieldType {
  const [field = '', second, ...rest] = path;
  const kind = second === 'options' ? KINDS[field] : undefined;
  if (kind === undefined) return typeOf(shapeAt(runConfigSchema, path));
  const entries = host.all(kind).filter(({ name }) => names.includes(name));
  const shapes = entries.map(({ entry }) => shapeAt(entry.meta.options, rest));
  return typeOf(shapes.find((shape) => shape !== undefined));
}

/** The names that the choice of a field may take: those that are varied, else the one of the configuration. */
export function namesOf(field: string, config: RunConfig, varied: readonly unknown[]): string[] {
  const own = (config as unknown as Record<string, unknown>)[field];
  return [...varied, own].flatMap((value) =>
    typeof value === 'string' ? [value] : isNamed(value) ? [value.name] : [],
  );
}

const isNamed = (value: unknown): value is { name: string } =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';

function shapeAt(schema: z.ZodType, path: readonly string[]): Shape | undefined {
  let place: Shape | undefined = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) {
    place = branches(place).find(({ properties }) => properties?.[key] !== undefined)?.properties?.[key] as
      Shape | undefined;
  }
  return place;
}

/** The alternatives of a field that may be several things, such as a number or null. */
const branches = (shape: Shape | undefined): Shape[] =>
  shape === undefined ? [] : [shape, ...((shape.anyOf ?? []) as Shape[])];

function typeOf(shape: Shape | undefined): FieldType {
  const types = branches(shape).map(({ type }) => type);
  const integer = types.includes('number') ? false : types.includes('integer') ? true : null;
  const object = branches(shape).find(({ properties }) => properties !== undefined);
  return { integer, fields: integer === null ? Object.keys(object?.properties ?? {}) : [] };
}
