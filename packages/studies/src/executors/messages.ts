/** What a trial's process and whoever forked it say to each other. Structured clones: infinities stay infinities. */
import {
  ContractError,
  InputError,
  LigatureError,
  type ErrorParts,
  type TrialOrder,
  type TrialResult,
  type TrialSignal,
} from '@ligature/core';

/** An order, and what it means on this machine. */
export interface LocalOrder {
  readonly order: TrialOrder;
  readonly folder: string;
  /** Of the run whose weights it begins with; null: it initializes its own. */
  readonly from: string | null;
  readonly cwd: string;
  readonly cacheFolder: string;
}

export type ToTrial = { readonly kind: 'run'; readonly order: LocalOrder } | { readonly kind: 'stop' };

export type FromTrial =
  | { readonly kind: 'signal'; readonly signal: TrialSignal }
  | { readonly kind: 'done'; readonly result: TrialResult }
  | { readonly kind: 'failed'; readonly error: SentError };

/** An error on its way between processes or machines. */
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
