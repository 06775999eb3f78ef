import { InputError } from '@ligature/core';

/** @param asked what was wanted of the Hub: `Read the dataset hf:owner/name` */
export function hubError(code: string, asked: string, found: string, todo: string, cause?: unknown): never {
  throw new InputError(code, { asked, found, todo }, { cause });
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof InputError ? error.code : undefined;

/** Ctrl-C, or whoever else stops the work: what has come so far is kept. */
export function stopped(asked: string): InputError {
  return new InputError('stopped', {
    asked,
    found: 'it was stopped',
    todo: 'Do the same again: what has come so far is kept, and only the rest is fetched',
  });
}

/** `6.4 MB` */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  for (; value >= 1000 && at < units.length - 1; at += 1) value /= 1000;
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}
