/** What a trial's process and the command say to each other. Structured clones: infinities stay infinities. */
import {
  ContractError,
  InputError,
  LigatureError,
  type ErrorParts,
  type LigatureEvent,
  type RunConfig,
} from '@ligature/core';
import type { TrialResult } from '@ligature/run';

export interface TrialOrder {
  readonly config: RunConfig;
  readonly folder: string;
  readonly cwd: string;
  readonly cacheFolder: string;
  /** Goes on where the run in the folder was stopped. */
  readonly begun: boolean;
  /** To compute on in the place of `auto`; null: as the configuration says. */
  readonly backend: string | null;
  /** A run folder whose weights it begins with; null: it initializes its own. */
  readonly from: string | null;
  /** Plug-ins to load. A resumed comparison loads those of its command line, never those of its files. */
  readonly plugins: readonly string[];
}

export type ToTrial = { readonly kind: 'run'; readonly order: TrialOrder } | { readonly kind: 'stop' };

export type FromTrial =
  | { readonly kind: 'event'; readonly event: LigatureEvent }
  | { readonly kind: 'done'; readonly result: TrialResult }
  | { readonly kind: 'failed'; readonly error: SentError };

/** An error on its way between processes. */
export interface SentError {
  readonly kind: 'input' | 'contract' | 'other';
  readonly code: string;
  readonly parts: ErrorParts | null;
  readonly message: string;
  readonly stack: string | undefined;
}

export function packError(error: unknown): SentError {
  const cause = error instanceof LigatureError && error.cause instanceof LigatureError ? error.cause : error;
  return {
    kind: cause instanceof InputError ? 'input' : cause instanceof ContractError ? 'contract' : 'other',
    code: cause instanceof LigatureError ? cause.code : 'unexpected',
    parts: cause instanceof LigatureError ? cause.parts : null,
    message: cause instanceof Error ? cause.message : String(cause),
    stack: error instanceof Error ? error.stack : undefined,
  };
}

export function unpackError({ kind, code, parts, message, stack }: SentError): Error {
  const Kind = kind === 'input' ? InputError : kind === 'contract' ? ContractError : LigatureError;
  const error = parts === null ? new Error(message) : new Kind(code, parts);
  if (stack !== undefined) error.stack = stack;
  return error;
}
