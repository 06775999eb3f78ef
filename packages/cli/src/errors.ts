/** How the command ends when something goes wrong: what it says, and with which status. */
import {
  explainFailure,
  HandlerError,
  InputError,
  isOurs,
  thrownText,
  visible,
  visibleIn,
} from '@ligature/core';
import { CommanderError } from 'commander';
import type { Io } from './io.js';
import { paintFor } from './terminal/paint.js';

/** Exit statuses that scripts may rely on. */
export const STATUS = { ok: 0, failed: 1, input: 2, hungUp: 129, interrupted: 130, terminated: 143 } as const;

export interface ErrorStyle {
  /** One JSON line instead of text. */
  readonly json: boolean;
  /** With the stack. */
  readonly verbose: boolean;
}

/** Prints an error to stderr and returns the exit status. */
export function reportError(thrown: unknown, io: Io, style: ErrorStyle): number {
  const error = unwrap(thrown);
  const status = isOurs(error) && error instanceof InputError ? STATUS.input : STATUS.failed;
  io.stderr.write(style.json ? `${JSON.stringify({ error: describe(error) })}\n` : text(error, io));
  if (style.verbose) io.stderr.write(`${visible(stacks(error))}\n`);
  return status;
}

/** The error that a person can do something about: what was thrown inside a handler, not the handler's report. */
function unwrap(thrown: unknown): unknown {
  if (isOurs(thrown)) {
    return thrown instanceof HandlerError && isOurs(thrown.cause) ? unwrap(thrown.cause) : thrown;
  }
  try {
    return thrown instanceof CommanderError ? usageError(thrown) : explainFailure(thrown);
  } catch {
    // One that cannot even be looked at.
    return thrown;
  }
}

/**
 * Commander writes `error: unknown option '--x'` and a suggestion on the next line.
 *
 * @param otherwise what to do where it suggests nothing
 */
export function usageError(
  { message, code }: CommanderError,
  otherwise = 'See `ligature --help`',
): InputError {
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n');
  return new InputError(code.replace(/^commander\./, 'usage-'), {
    asked: 'Understand the command line',
    found: first.replace(/\.$/, ''),
    todo: suggestion?.replace(/^\((.*)\)$/, '$1') ?? otherwise,
  });
}

function describe(error: unknown): Record<string, string> {
  if (isOurs(error)) return { code: error.code, ...error.parts };
  return { code: 'unexpected', ...unexpected(error) };
}

function unexpected(error: unknown): { asked: string; found: string; todo: string } {
  return {
    asked: 'Run the command',
    found: thrownText(error),
    todo: 'This is a mistake in Ligature or in a plug-in; run it again with --verbose for the stack',
  };
}

function text(error: unknown, io: Io): string {
  const paint = paintFor(io.stderr, io.env);
  const { asked, found, todo } = visibleIn(isOurs(error) ? error.parts : unexpected(error));
  return [
    `${paint.bold.red('error')}: ${asked}`,
    `  ${paint.dim('found:')} ${found}`,
    `  ${paint.dim('to do:')} ${todo}`,
    '',
  ].join('\n');
}

/** Causes may go in a circle. */
const DEEPEST = 8;

/** Of an error and what caused it; hostile ones are named only. */
function stacks(error: unknown, depth = 0): string {
  try {
    if (!(error instanceof Error)) return thrownText(error);
    const cause =
      error.cause === undefined || depth === DEEPEST ? '' : `\ncaused by ${stacks(error.cause, depth + 1)}`;
    return `${typeof error.stack === 'string' ? error.stack : thrownText(error)}${cause}`;
  } catch {
    return thrownText(error);
  }
}
