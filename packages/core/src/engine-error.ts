/** Errors of engines, which say what was found and what to do but know nothing of this house. */
import { LigatureError } from './errors.js';

/** What the errors of an engine have besides a message; those of the ONNX Runtime backend do. */
export interface EngineError extends Error {
  readonly code: string;
  readonly found: string;
  readonly todo: string;
}

export function isEngineError(error: unknown): error is EngineError {
  if (!(error instanceof Error) || error instanceof LigatureError) return false;
  const { code, found, todo } = error as Partial<EngineError>;
  return [code, found, todo].every((part) => typeof part === 'string');
}

/**
 * The error of a backend that fails while it is at work (memory that runs out, a device that is lost, a graph that is
 * refused) in the form of all others: `backend-out-of-memory` and so on. Anything else comes back as it is.
 */
export function explainFailure(error: unknown): unknown {
  if (!isEngineError(error)) return error;
  const { code, found, todo } = error;
  return new LigatureError(
    `backend-${code}`,
    { asked: 'Compute on the backend that was taken', found, todo },
    { cause: error },
  );
}
