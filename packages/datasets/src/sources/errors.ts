import { InputError } from '@ligature/core';

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function datasetError(
  code: string,
  path: string,
  found: string,
  todo: string,
  cause?: unknown,
): never {
  throw new InputError(code, { asked: `Read the text ${path}`, found, todo }, { cause });
}
