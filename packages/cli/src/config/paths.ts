/** Setting one field of a configuration by its dotted path, and reading where a field came from. */
import { choiceFields, InputError, runConfigSchema } from '@ligature/core';
import { parseValue } from './choice.js';

export type Draft = Record<string, unknown>;

/** Paths of fields that may be a bare name; options below them make them an object. */
const CHOICE_PATHS = choiceFields().flatMap(({ path, list }) => (list ? [] : [path]));

/** Those of them at the top. */
export const CHOICES: readonly string[] = CHOICE_PATHS.flatMap(([field = '', ...rest]) =>
  rest.length === 0 ? [field] : [],
);

export const isChoicePath = (path: readonly string[]): boolean =>
  CHOICE_PATHS.some((choice) => choice.length === path.length && choice.every((key, at) => key === path[at]));

export const isObject = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `model.layers` is `model.options.layers`: what stands beside the name of a choice is an option. */
export function fullPath(path: readonly string[]): readonly string[] {
  const end = path.findIndex((_, at) => isChoicePath(path.slice(0, at)));
  if (end < 1 || path[end] === 'name' || path[end] === 'options') return path;
  return [...path.slice(0, end), 'options', ...path.slice(end)];
}

/** A copy of `draft` with the field at `path` set. A list in the way is entered by index. */
export function setPath(draft: Draft, written: readonly string[], value: unknown): Draft {
  const path = fullPath(written);
  const copy = structuredClone(draft);
  let place: Draft = copy;
  path.slice(0, -1).forEach((key, depth) => {
    let next = own(place, key);
    const at = path.slice(0, depth + 1);
    if (isChoicePath(at)) next = asChoice(at, next);
    if (!isObject(next) && !Array.isArray(next)) next = {};
    place[key] = next;
    place = next as Draft;
  });
  place[path.at(-1) as string] = value;
  return copy;
}

const own = (object: Draft, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

/** A choice with its options in one place; nothing if it is none. */
export function choiceOf(value: unknown): { name?: unknown; options: Draft } | undefined {
  if (typeof value === 'string') return { name: value, options: {} };
  if (!isObject(value)) return undefined;
  const { name, options, ...beside } = value;
  return {
    ...(name !== undefined && { name }),
    options: { ...beside, ...(isObject(options) ? options : {}) },
  };
}

/** What stands at a path, if anything. */
export const valueAt = (draft: Draft, path: readonly string[]): unknown =>
  path.reduce<unknown>((place, key) => (isObject(place) ? own(place, key) : undefined), draft);

/** A draft with the value at a path that is there already. */
export function withValue(draft: Draft, [key = '', ...rest]: readonly string[], value: unknown): Draft {
  return { ...draft, [key]: rest.length === 0 ? value : withValue(draft[key] as Draft, rest, value) };
}

/** `--set controller.x=1` keeps the controller that is chosen so far, or the default one. */
function asChoice(path: readonly string[], value: unknown): unknown {
  const choice = choiceOf(value);
  if (choice) return choice;
  if (value !== undefined && value !== null) return value;
  const defaults: Draft = runConfigSchema.parse({});
  return structuredClone(valueAt(defaults, path) ?? { options: {} });
}

/** Reads `training.learningRate=1e-3`. @throws InputError (`set-invalid`) */
export function parseAssignment(text: string): { path: string[]; value: unknown } {
  const at = text.indexOf('=');
  const path = fieldPath(text.slice(0, Math.max(0, at)), `--set ${text}`, at < 1);
  return { path, value: parseValue(text.slice(at + 1)) };
}

/**
 * The parts of a dotted path.
 *
 * @param use what the user wrote, for messages
 * @throws InputError (`set-invalid`)
 */
export function fieldPath(dotted: string, use: string, unassigned = false): string[] {
  const path = dotted.trim().split('.');
  // These would reach the prototype of every object.
  const forbidden = path.some((key) => ['__proto__', 'constructor', 'prototype'].includes(key));
  if (!unassigned && !forbidden && path.every((key) => key !== '')) return path;
  throw new InputError('set-invalid', {
    asked: `Use ${use}`,
    found: unassigned ? 'there is no "="' : `"${path.join('.')}" is no path of a field`,
    todo: 'Write --set path=value, for example --set training.learningRate=1e-3',
  });
}
