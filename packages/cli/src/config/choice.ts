/**
 * Names with options on the command line: `cycle`, `cycle:blocks=4`, `q-learning:epsilon=0.1:replay=true`.
 * Option values are YAML. A literal tie map, `0-0-2-2`, stands for the controller `map` with that map.
 */
import { assertTieMap, InputError, type Choice, type PluginKind } from '@ligature/core';
import { parseYaml } from './yaml.js';

const TIE_MAP = /^\d+(-\d+)*$/;

/** @throws InputError (`tie-map-invalid`, `choice-invalid`) */
export function parseController(text: string, flag: string): Choice {
  if (!TIE_MAP.test(text)) return parseChoice(text, flag);
  const map = text.split('-').map(Number);
  assertTieMap(map, map.length);
  return { name: 'map', options: { map } };
}

/** `./tokenizer.json` is the tokenizer of that file. @throws InputError (`choice-invalid`) */
export const parseTokenizer = (text: string, flag: string): Choice =>
  text.trim().endsWith('.json') && !OPTIONS.test(text)
    ? { name: 'file', options: { path: text.trim() } }
    : parseChoice(text, flag);

/** A name with options, or a path, with any characters in it: `./a:b=c.txt`. @throws InputError (`choice-invalid`) */
export const parseDataset = (text: string, flag: string): Choice =>
  OPTIONS.test(text) || text.trim() === '' ? parseChoice(text, flag) : { name: text, options: {} };

/** A name that is no path, and the first of its options. */
const OPTIONS = /^\s*[^\\/.~:=\s][^\\/:=]*:[^:=]+=/;

/** How texts of the kinds are read that have a notation of their own; all others by `parseChoice`. */
const READERS: Readonly<Partial<Record<PluginKind, typeof parseChoice>>> = {
  controllers: parseController,
  tokenizers: parseTokenizer,
  datasets: parseDataset,
};

/** The one reader of choices of a kind: of flags, files, `--set` and sweeps. */
export const choiceReader = (kind: PluginKind): typeof parseChoice => READERS[kind] ?? parseChoice;

/** @throws InputError (`choice-invalid`) */
export function parseChoice(text: string, flag: string): Choice {
  const [name = '', ...settings] = splitOutside(text.trim(), ':');
  if (name === '') throw malformed(text, flag, 'there is no name');
  const options: Record<string, unknown> = {};
  for (const one of settings) {
    const [path, value] = parseSetting(one, text, flag);
    setOption(options, path, value);
  }
  return { name, options };
}

/** Controllers with options, between commas. @throws InputError (`choice-invalid`) */
export const parseControllers = (text: string, flag: string): Choice[] =>
  parseList('controllers', text, flag);

/** Names with options between commas, each read as those of the kind are. */
export const parseList = (kind: PluginKind, text: string, flag: string): Choice[] =>
  splitNames(text, flag).map((part) => choiceReader(kind)(part, flag));

function splitNames(text: string, flag: string): string[] {
  const parts = splitOutside(text, ',').map((part) => part.trim());
  if (parts.some((part) => part === '')) throw malformed(text, flag, 'there is an empty name between commas');
  return parts;
}

/** A value as YAML reads it; what YAML cannot read is taken as the text itself. */
export function parseValue(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return text;
  }
}

function parseSetting(setting: string, text: string, flag: string): [string[], unknown] {
  const at = setting.indexOf('=');
  if (at < 1) throw malformed(text, flag, `"${setting}" is not option=value`);
  const path = setting.slice(0, at).trim().split('.');
  const forbidden = ['', '__proto__', 'constructor', 'prototype'];
  if (path.some((key) => forbidden.includes(key))) {
    throw malformed(text, flag, `"${path.join('.')}" is no name of an option`);
  }
  return [path, parseValue(setting.slice(at + 1))];
}

/** `replay.capacity=100` sets a field of the option `replay`, as `ligature plugins` names it. */
function setOption(options: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = options;
  for (const key of path.slice(0, -1)) {
    const inner = place[key];
    place = place[key] = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  }
  place[path.at(-1) as string] = value;
}

/** Splits at a separator, but not inside brackets: `map:map=[0,0,1]` stays whole between commas. */
export function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if ('[{'.includes(character)) depth += 1;
    if (']}'.includes(character)) depth -= 1;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function malformed(text: string, flag: string, found: string): InputError {
  return new InputError('choice-invalid', {
    asked: `Use ${flag} ${text}`,
    found,
    todo: 'Write a name, or a name with options such as cycle:blocks=4',
  });
}
