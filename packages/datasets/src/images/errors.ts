import { InputError } from '@ligature/core';

export function imageError(code: string, path: string, found: string, todo: string, cause?: unknown): never {
  throw new InputError(code, { asked: `Read the images ${path}`, found, todo }, { cause });
}

export const wordsOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
