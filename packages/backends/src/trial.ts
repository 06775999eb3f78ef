/** One attempt to run a backend: make it, prepare it, set it, and let it compute something known. */
import type { AnyEntry, BackendContext, BackendDescription } from '@ligature/core';
import { describeIssues, InputError, isEngineError } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { firstLine, Unavailable } from './entries/import-module.js';
import { smokeTest } from './smoke.js';

export interface Working extends BackendDescription {
  readonly works: true;
  readonly tfjsName: string;
}

export type Trial =
  | Working
  | {
      readonly works: false;
      readonly reason: string;
      readonly todo: string;
      /** Nothing is broken: it needs an optional package that nobody installed. */
      readonly notInstalled: boolean;
      readonly cause: unknown;
    };

/**
 * After a success the backend is the current one of tfjs; after a failure the one before it is again.
 * @throws InputError when the options are wrong; everything else that fails is the result's `reason`.
 */
export async function tryBackend(
  name: string,
  entry: AnyEntry<'backends'>,
  options: unknown,
  context: BackendContext,
): Promise<Trial> {
  const parsed = entry.meta.options.safeParse(options ?? {});
  if (!parsed.success) {
    throw new InputError('options-invalid', {
      asked: `Use the options of backend "${name}"`,
      found: describeIssues(parsed.error),
      todo: `See \`ligature plugins ${name}\` for what it takes`,
    });
  }
  const before = tf.getBackend();
  try {
    const backend = await entry.create(parsed.data, context);
    const description = await backend.prepare();
    if (!(await tf.setBackend(backend.tfjsName))) throw new Error('tfjs could not start it');
    await smokeTest();
    return { works: true, tfjsName: backend.tfjsName, ...description };
  } catch (cause) {
    if (before !== undefined && before !== tf.getBackend()) await tf.setBackend(before);
    const { reason, todo, notInstalled } = reasonOf(cause);
    return { works: false, reason, todo, notInstalled, cause };
  }
}

function reasonOf(cause: unknown): { reason: string; todo: string; notInstalled: boolean } {
  if (cause instanceof Unavailable) return cause;
  if (isEngineError(cause)) return { reason: cause.found, todo: cause.todo, notInstalled: false };
  const todo = 'Run `ligature doctor` to see which backends work here';
  return { reason: firstLine(cause), todo, notInstalled: false };
}
