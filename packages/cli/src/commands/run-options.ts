/** Flags of the commands that open a run: checked against a schema before anything is opened. */
import { explainIssue, InputError } from '@ligature/core';
import type { BackendOverride } from '@ligature/run';
import { z } from 'zod';
import { parseChoice } from '../config/choice.js';
import { parseNumber } from '../config/field-texts.js';
import { flagName } from '../config/model-flags.js';

/**
 * Checks flags by a schema; texts become numbers where `numbers` says so.
 *
 * @throws InputError (`number-invalid`, `value-out-of-range`) naming the flag
 */
export function checkFlags<S extends z.ZodObject>(
  schema: S,
  flags: Readonly<Record<string, unknown>>,
  numbers: readonly string[],
): z.output<S> {
  const values = Object.fromEntries(
    Object.entries(flags)
      .filter(([name]) => name in schema.shape)
      .map(([name, value]) => [
        name,
        numbers.includes(name) && typeof value === 'string' ? parseNumber(value, flagName(name)) : value,
      ]),
  );
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues as [z.core.$ZodIssue];
  const name = String(issue.path[0]);
  throw new InputError('value-out-of-range', {
    asked: `Use ${flagName(name)} ${String(values[name])}`,
    found: `${flagName(name)} ${explainIssue(issue)}`,
    todo: 'Give it another value, or leave it out',
  });
}

/** Where the commands that open a run compute, when not as the run itself did. */
export const BACKEND_FLAGS = {
  backend: z.string().min(1).optional(),
  threads: z.int().min(1).max(1024).optional(),
};

/** @throws InputError (`choice-invalid`) for a backend such as `onnxruntime:provider` */
export function backendOverride({
  backend,
  threads,
}: {
  readonly backend?: string | undefined;
  readonly threads?: number | undefined;
}): BackendOverride {
  return {
    ...(backend !== undefined && { backend: parseChoice(backend, '--backend') }),
    ...(threads !== undefined && { threads }),
  };
}

/** The plug-ins of --plugins, which may be given several times and hold several names each. */
export function pluginNames(flags: Readonly<Record<string, unknown>>): string[] {
  const given = (flags['plugins'] ?? []) as readonly string[];
  return given.flatMap((text) => text.split(',')).filter((name) => name !== '');
}
