/** Which fields of a configuration name an entry of a plug-in: as the schema says, not as a list beside it. */
import type { z } from 'zod';
import type { PluginKind } from '../contracts/plugin.js';
import { kindOfChoice, runConfigSchema } from './schema.js';

export interface ChoiceField {
  /** `['weights', 'from']` */
  readonly path: readonly string[];
  readonly kind: PluginKind;
  /** Whether it holds several of them. */
  readonly list: boolean;
}

/** In the order of the schema. */
export const choiceFields = (): readonly ChoiceField[] => fieldsIn(runConfigSchema, []);

type Schema = z.core.$ZodType;

function fieldsIn(schema: Schema, path: readonly string[]): ChoiceField[] {
  const inner = unwrapped(schema);
  const kind = kindOfChoice(inner);
  if (kind !== undefined) return [{ path, kind, list: false }];
  const { def } = (inner as z.core.$ZodTypes)._zod;
  if (def.type === 'object') {
    return Object.entries(def.shape).flatMap(([key, field]) => fieldsIn(field, [...path, key]));
  }
  if (def.type !== 'array') return [];
  return fieldsIn(def.element, path).map((field) => ({ ...field, list: true }));
}

/** Without what says that a field may be missing or null. */
function unwrapped(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return unwrapped(def.innerType);
    default:
      return schema;
  }
}
