/** What is thrown in timers and in promises that nobody waits for: in Node it would end the process without a word of ours. */
import { thrownText } from '../../thrown.js';
import { pluginGuard } from './plugin-guard.js';

export interface LateFailures {
  /** Tells of each failure; returns a function that stops listening. */
  onFailure(listener: (error: unknown) => void): () => void;
}

/**
 * Catches them for the whole process, which has to be the caller's own. Whoever is at work is told, and fails in its ordinary
 * way.
 *
 * @param otherwise told where nobody is at work
 */
export function catchLateFailures(otherwise: (error: unknown) => void): LateFailures {
  const listeners = new Set<(error: unknown) => void>();
  const tell = (thrown: unknown): void => {
    const error = pluginGuard.nameLate(thrown, thrownText(thrown));
    if (listeners.size === 0) otherwise(error);
    for (const listener of [...listeners]) listener(error);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
  return {
    onFailure(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
