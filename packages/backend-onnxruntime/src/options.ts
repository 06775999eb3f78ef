/** What a user of the backend may choose. */
import { OnnxRuntimeError } from './errors.js';

export const EXECUTION_PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

export interface OnnxRuntimeOptions {
  /** Where graphs run. Operators that a provider lacks run on the CPU. Default `cpu`. */
  readonly provider?: ExecutionProvider;
  /** Threads within an operator, on the CPU. Default: the number of processor cores that Node reports as usable. */
  readonly threads?: number;
  /** Compiled graphs that are kept; the least recently used one goes first. Default 256. */
  readonly maxSessions?: number;
  /** Bytes of idle tensor memory that are kept for reuse. Default 768 MiB. */
  readonly maxIdleBytes?: number;
  /** Recorded operations after which a graph runs although nobody has read a value. Default 20 000. */
  readonly maxPendingNodes?: number;
}

export type ResolvedOptions = Required<OnnxRuntimeOptions>;

/** @throws OnnxRuntimeError (`options-invalid`) */
export function resolveOptions(options: OnnxRuntimeOptions, cores: number): ResolvedOptions {
  const resolved = {
    provider: options.provider ?? 'cpu',
    threads: options.threads ?? cores,
    maxSessions: options.maxSessions ?? 256,
    maxIdleBytes: options.maxIdleBytes ?? 768 * 2 ** 20,
    maxPendingNodes: options.maxPendingNodes ?? 20_000,
  };
  if (!EXECUTION_PROVIDERS.includes(resolved.provider)) {
    throw invalid('provider', resolved.provider, `one of ${EXECUTION_PROVIDERS.join(', ')}`);
  }
  for (const name of ['threads', 'maxSessions', 'maxPendingNodes'] as const) {
    const value = resolved[name];
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, value, 'a whole number from 1');
  }
  if (!(resolved.maxIdleBytes >= 0)) {
    throw invalid('maxIdleBytes', resolved.maxIdleBytes, 'a number of bytes from 0');
  }
  return resolved;
}

function invalid(name: string, found: unknown, wanted: string): OnnxRuntimeError {
  return new OnnxRuntimeError(
    'options-invalid',
    `The option "${name}" of the backend is ${JSON.stringify(found)}`,
    `Give ${wanted}`,
  );
}
