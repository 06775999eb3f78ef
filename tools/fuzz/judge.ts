/**
 * The rules for one case: a typed error or a value; within the time; in bounded memory; nothing written, started or
 * connected; no prototype changed; no code from the input run; nothing read from outside its folder.
 */
import { LigatureError } from '@ligature/core';
import { SECRET, Violation, type Reading } from './target.js';
import { Guard } from './watch/guard.js';
import { measureCost } from './watch/limits.js';
import { inheritsMark, sharedPrototypesAreClean } from './watch/prototypes.js';

export interface Limits {
  readonly seconds: number;
  readonly megabytes: number;
}

export const LIMITS: Limits = { seconds: 1, megabytes: 256 };

/** Code in generated files sets this property of `globalThis`, should anybody run it. */
export const CODE_MARK = 'ligatureFuzzCodeRan';

/** Longer than any message that a person would read. */
const MESSAGE_LENGTH = 8_000;

/**
 * Runs a reading under watch.
 *
 * @param again makes the same reading once more: a cost above the limits must show twice
 * @returns whether the input was refused
 * @throws Violation
 */
export async function judge(
  again: () => Promise<Reading>,
  limits: Limits,
  allowed?: string,
): Promise<'refused' | 'read'> {
  const first = await watch(await again(), allowed);
  if (first.cost.megabytes > limits.megabytes) {
    throw new Violation(`it took ${Math.round(first.cost.megabytes)} MiB of memory`);
  }
  if (first.cost.seconds > limits.seconds) {
    const { cost } = await watch(await again(), allowed);
    if (cost.seconds > limits.seconds) throw new Violation(`it took ${cost.seconds.toFixed(1)} s`);
  }
  return first.outcome;
}

async function watch(reading: Reading, allowed: string | undefined) {
  const guard = new Guard(allowed);
  let value: unknown;
  let error: unknown;
  let outcome: 'refused' | 'read' = 'read';
  guard.up();
  const cost = measureCost();
  try {
    value = await reading();
  } catch (caught) {
    outcome = 'refused';
    error = caught;
  } finally {
    guard.down();
  }
  const spent = cost();
  if (guard.attempts.length > 0) throw new Violation(`it tried to ${guard.attempts.join(', ')}`);
  if (!sharedPrototypesAreClean()) throw new Violation('it changed a prototype that all objects share');
  if (Reflect.has(globalThis, CODE_MARK)) {
    Reflect.deleteProperty(globalThis, CODE_MARK);
    throw new Violation('it ran code from its input');
  }
  if (outcome === 'refused') assertTyped(error);
  else assertHarmless(value);
  return { outcome, cost: spent };
}

function assertTyped(error: unknown): void {
  if (error instanceof Violation) throw error;
  if (!(error instanceof LigatureError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Violation(`it threw no typed error, but ${text.split('\n').slice(0, 6).join('\n')}`);
  }
  const { asked, found, todo } = error.parts;
  if (!error.code || !asked || !found || !todo)
    throw new Violation(`its error is incomplete: ${error.message}`);
  if (error.message.length > MESSAGE_LENGTH) {
    throw new Violation(`its error (${error.code}) is ${error.message.length} characters long`);
  }
  // A file must not speak to the terminal through an error.
  if (/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(error.message)) {
    throw new Violation(
      `its error (${error.code}) holds control characters: ${JSON.stringify(error.message)}`,
    );
  }
}

function assertHarmless(value: unknown): void {
  if (inheritsMark(value)) throw new Violation('a key of the input became the prototype of an object');
  if (typeof value === 'string' && value.includes(SECRET)) {
    throw new Violation('it read a file outside of the folder that it was given');
  }
}
