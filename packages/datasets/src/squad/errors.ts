import { InputError } from '@ligature/core';

/** @param where what messages call the file or folder */
export function squadError(code: string, where: string, found: string, todo: string, cause?: unknown): never {
  throw new InputError(code, { asked: `Read the questions ${where}`, found, todo }, { cause });
}
