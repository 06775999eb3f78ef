/** JSON files of a folder that may come from anywhere. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, parseJson } from '@ligature/core';
import { readPlainFileSync } from '@ligature/core/node';

/** `undefined` when there is no such file. @throws InputError (`report-unreadable`) when it is no JSON object */
export function readObject(folder: string, name: string): Record<string, unknown> | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readPlainFileSync(path).toString('utf8');
  } catch (cause) {
    throw unreadable(folder, `its ${name} cannot be read: ${(cause as Error).message}`, cause);
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw unreadable(folder, `its ${name} is damaged`, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw unreadable(folder, `its ${name} holds no object`);
}

export function unreadable(folder: string, found: string, cause?: unknown): InputError {
  return new InputError(
    'report-unreadable',
    {
      asked: `Make a report of "${folder}"`,
      found,
      todo: 'Give the folder of a run or a study, whole',
    },
    cause === undefined ? {} : { cause },
  );
}
