/** Events from outside. How tolerant a reader is, is decided here and nowhere else. */
import { describeIssues } from '../config/issues.js';
import { parseJson } from '../json/parse-json.js';
import type { EventType, LigatureEvent } from './events.js';
import { EVENTS } from './schema.js';

/** What a value from a log, another process or a socket is. */
export type ReadEvent =
  | { readonly kind: 'event'; readonly event: LigatureEvent }
  /** Of a type that this version does not know: to be passed over. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** No event, or one with a field that is missing or wrong. */
  | { readonly kind: 'invalid'; readonly found: string };

/** What logs of earlier versions call events that have the same fields. */
const RENAMED: Readonly<Record<string, EventType>> = { 'similarity.measured': 'layers.measured' };

/**
 * Reads a value as an event. Types that are not known are passed over and further fields stay, because a newer version
 * may have written them; whatever is known must be right. A number that JSON wrote as `null` is NaN again.
 */
export function parseEvent(value: unknown): ReadEvent {
  const type: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined;
  if (typeof type !== 'string') return { kind: 'invalid', found: 'it has no "type"' };
  if (Object.hasOwn(RENAMED, type)) return parseEvent({ ...(value as object), type: RENAMED[type] });
  if (!Object.hasOwn(EVENTS, type)) return { kind: 'unknown', type };
  const parsed = EVENTS[type as EventType].schema.safeParse(value);
  return parsed.success
    ? { kind: 'event', event: parsed.data as LigatureEvent }
    : { kind: 'invalid', found: `${type}: ${describeIssues(parsed.error)}` };
}

/** The same for a line of an event log. */
export function parseEventLine(line: string): ReadEvent {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    return { kind: 'invalid', found: error instanceof Error ? error.message : String(error) };
  }
  return parseEvent(value);
}
