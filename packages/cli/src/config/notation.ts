/**
 * One notation for every field, wherever it is written: what a flag takes as a text means the same in a file, behind
 * `--set` and in a sweep. Which fields are choices of plug-ins is for the schema to say.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { choiceFields, InputError, type ChoiceField } from '@ligature/core';
import { choiceReader, parseList } from './choice.js';
import { FIELD_READERS } from './field-texts.js';
import { choiceOf, fullPath, isObject, setPath, valueAt, withValue, type Draft } from './paths.js';

const CHOSEN = choiceFields();

/**
 * A draft in which every choice is a name with options, and every field what its flag makes of the text.
 *
 * @param origin what the user wrote, for messages; left out: the field itself
 * @throws InputError (`choice-invalid`, `tie-map-invalid`, and those of single flags)
 */
export function readNotation(draft: Draft, origin?: string): Draft {
  let read = draft;
  const change = (path: readonly string[], by: (value: unknown, flag: string) => unknown): void => {
    const value = valueAt(read, path);
    if (value === undefined || value === null) return;
    const changed = asked(origin, () => by(value, path.join('.')));
    if (changed !== value) read = withValue(read, path, changed);
  };
  for (const { path, read: reader } of FIELD_READERS) {
    change(path, (value, flag) => (typeof value === 'string' ? readable(value, flag, reader) : value));
  }
  for (const field of CHOSEN) {
    change(field.path, (value, flag) => (field.list ? several(field, value, flag) : one(field, value, flag)));
  }
  return read;
}

/**
 * The value of one field, read as its flag reads it.
 *
 * @param path `['controller']`, `['model', 'layers']`
 */
export const readField = (path: readonly string[], value: unknown, origin: string): unknown =>
  valueAt(withPlaces(readNotation(setPath({}, path, value), origin)), fullPath(path));

/** What its flag would not read is for the schema to refuse: it knows what else the field may be. */
function readable(text: string, flag: string, reader: (text: string, flag: string) => unknown): unknown {
  try {
    return reader(text, flag);
  } catch {
    return text;
  }
}

/** The same work; an error asks for what the user wrote. */
function asked<T>(origin: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof InputError) || origin === undefined) throw cause;
    throw new InputError(cause.code, { ...cause.parts, asked: `Use ${origin}` }, { cause });
  }
}

function several(field: ChoiceField, value: unknown, flag: string): unknown {
  if (typeof value === 'string' && value.trim() !== '') return parseList(field.kind, value, flag);
  return Array.isArray(value) ? value.map((item) => one(field, item, flag)) : value;
}

/** What the schema refuses stays as it is. */
function one({ kind }: ChoiceField, value: unknown, flag: string): unknown {
  // A map of one layer, or a name of digits, which YAML reads as a number.
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string') return text.trim() === '' ? value : choiceReader(kind)(text, flag);
  const choice = choiceOf(text);
  if (typeof choice?.name !== 'string' || choice.name.trim() === '') return value;
  const { name, options } = choiceReader(kind)(choice.name, flag);
  return { name, options: { ...options, ...choice.options } };
}

/**
 * A draft with its places found: `~/` is the home folder, and, in a file, `./` and `../` the folder of that file.
 *
 * @param folder of the file
 */
export function withPlaces(draft: Draft, folder?: string): Draft {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, place(inner)]));
    if (typeof value !== 'string') return value;
    if (/^~([\\/]|$)/.test(value)) return join(homedir(), value.slice(1));
    return folder !== undefined && /^\.{1,2}[\\/]/.test(value) ? resolve(folder, value) : value;
  };
  const paths = [...CHOSEN.map(({ path }) => path), ['plugins'], ['out']];
  return paths.reduce((read, path) => {
    const value = valueAt(read, path);
    return value === undefined ? read : withValue(read, path, place(value));
  }, draft);
}
