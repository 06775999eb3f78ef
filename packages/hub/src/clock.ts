/** Time, so that tests need none. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970, for dates that a server names. */
  now(): number;
  /** @throws when the signal stops it */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once, unless it is called off. */
  alarm(milliseconds: number, ring: () => void): () => void;
}

export const systemClock: Clock = {
  // eslint-disable-next-line no-restricted-properties -- `Retry-After` may be a date; no result holds it
  now: () => Date.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { ...(signal && { signal }) }),
  alarm(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** A server that asks for more is not waited for. */
export const MOST_WAIT_MS = 10 * 60_000;

/** 1, 2, 4, … seconds, a minute at most. @param failures so far, from 1 */
export const backOff = (failures: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));

/** What `Retry-After` says in milliseconds: seconds, or a date. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
