/** Parts of a file that are objects with a `type`: what kinds there are, and how each is checked and built. */
import { explainIssue } from '@ligature/core';
import { z } from 'zod';
import { fieldOf, invalid, unsupported } from './refuse.js';

export interface Kind<T> {
  /** @param value of the file @param field its path @param build builds a part of the same family, of a `Sequence` */
  make(value: object, field: string, build: (value: unknown, field: string) => T): T;
}

/** A kind by the schema of its fields and what makes it of them. */
export function kind<S extends z.ZodType, T>(
  schema: S,
  make: (fields: z.output<S>, field: string, build: (value: unknown, field: string) => T) => T,
): Kind<T> {
  return { make: (value, field, build) => make(check(schema, value, field), field, build) };
}

/** @throws InputError (`tokenizer-json-invalid`) that names the first field that is wrong */
export function check<S extends z.ZodType>(schema: S, value: unknown, field: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const path = issue.path.reduce(fieldOf, field);
  if (issue.code === 'custom') return invalid(path, issue.message, parsed.error);
  return invalid(path, explainIssue(issue), parsed.error);
}

/**
 * Builds a part of a file.
 *
 * @param family what the parts are: `normalizer`
 * @throws InputError that names the field
 */
export function buildPart<T>(
  value: unknown,
  field: string,
  family: string,
  kinds: Readonly<Record<string, Kind<T>>>,
): T {
  const part = value as { type?: unknown };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid(field, 'is no object');
  const { type } = part;
  if (typeof type !== 'string') return invalid(field, `has no type; a ${family} names one`);
  const known = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!known)
    return unsupported(
      `${field}.type`,
      `there is no such ${family} (there are ${Object.keys(kinds).join(', ')})`,
      type,
    );
  return known.make(value, field, (child, path) => buildPart(child, path, family, kinds));
}

/** One character, which may be two UTF-16 units. */
export const characterSchema = z
  .string()
  .refine((text) => [...text].length === 1, { message: 'must be one character' });
