/** How texts of fields are read that are no choices of plug-ins: numbers, seeds, budgets, lists of names. */
import { InputError } from '@ligature/core';
import type { RunFlags } from './flags.js';

export const NUMBERS = {
  batch: ['training', 'batch'],
  steps: ['training', 'steps'],
  window: ['tying', 'window'],
  seed: ['seed'],
  threads: ['threads'],
} as const satisfies Partial<Record<keyof RunFlags, readonly string[]>>;

/** A number; whether it is in range is for the schema to say. @throws InputError (`number-invalid`) */
export function parseNumber(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InputError('number-invalid', {
    asked: `Use ${flag} ${text}`,
    found: `"${text}" is not a number`,
    todo: `Give a number, for example ${flag} 8`,
  });
}

/** `3` is a number of seeds; `1,2,5` and `7,` are lists. @throws InputError (`number-invalid`) */
export function parseSeeds(text: string, flag: string): number | number[] {
  if (!text.includes(',')) return parseNumber(text, flag);
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parseNumber(part, flag));
}

/** `tokens:1e6`, `flops:1e12`, `seconds:60`; whether there is such a budget is for the schema to say. */
export function parseBudget(text: string, flag: string): unknown {
  const [kind = '', amount, ...rest] = text.split(':');
  if (kind !== '' && amount !== undefined && rest.length === 0)
    return { kind, amount: parseNumber(amount, flag) };
  throw new InputError('budget-invalid', {
    asked: `Use ${flag} ${text}`,
    found: 'it is not a kind and an amount',
    todo: `Write tokens, flops or seconds with an amount, for example ${flag} tokens:1e6`,
  });
}

export function parseParallel(text: string, flag: string): unknown {
  return text === 'auto' ? text : parseNumber(text, flag);
}

/** Names between commas. */
export function parsePlugins(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

export function nonEmpty(text: string, flag: string): string {
  if (text.trim() !== '') return text;
  throw new InputError('value-empty', {
    asked: `Use ${flag}`,
    found: 'its value is empty',
    todo: `Give ${flag} a value, or leave it out`,
  });
}

/** Fields that are no choices and whose flags have a notation of their own, for texts in files and behind `--set`. */
export const FIELD_READERS: readonly {
  readonly path: readonly string[];
  readonly read: (text: string, flag: string) => unknown;
}[] = [
  { path: ['compare', 'seeds'], read: parseSeeds },
  { path: ['sweep', 'seeds'], read: parseSeeds },
  { path: ['compare', 'parallel'], read: parseParallel },
  { path: ['training', 'budget'], read: parseBudget },
  { path: ['plugins'], read: parsePlugins },
  ...Object.values(NUMBERS).map((path) => ({ path, read: parseNumber })),
];
