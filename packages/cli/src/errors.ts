/** How the command ends when something goes wrong: what it says, and with which status. */
import { explainFailure, HandlerError, InputError, LigatureError } from '@ligature/core';
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
  const status = error instanceof InputError ? STATUS.input : STATUS.failed;
  io.stderr.write(style.json ? `${JSON.stringify({ error: describe(error) })}\n` : text(error, io));
  if (style.verbose && error instanceof Error) io.stderr.write(`${stacks(error)}\n`);
  return status;
}

/** The error that a person can do something about: what was thrown inside a handler, not the handler's report. */
function unwrap(thrown: unknown): unknown {
  if (thrown instanceof CommanderError) return usageError(thrown);
  if (thrown instanceof HandlerError && thrown.cause instanceof LigatureError) return unwrap(thrown.cause);
  return explainFailure(thrown);
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
  if (error instanceof LigatureError) return { code: error.code, ...error.parts };
  return { code: 'unexpected', ...unexpected(error) };
}

function unexpected(error: unknown): { asked: string; found: string; todo: string } {
  return {
    asked: 'Run the command',
    found: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    todo: 'This is a mistake in Ligature or in a plug-in; run it again with --verbose for the stack',
  };
}

function text(error: unknown, io: Io): string {
  const paint = paintFor(io.stderr, io.env);
  const { asked, found, todo } = error instanceof LigatureError ? error.parts : unexpected(error);
  return [
    `${paint.bold.red('error')}: ${asked}`,
    `  ${paint.dim('found:')} ${found}`,
    `  ${paint.dim('to do:')} ${todo}`,
    '',
  ].join('\n');
}

function stacks(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stacks(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
