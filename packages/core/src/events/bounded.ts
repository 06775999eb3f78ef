/**
 * How large an event may be. Whatever plug-ins say ends up in events: names, notes, messages. A log, a page and a
 * browser have to bear it, thousands of times over.
 */
import { ContractError } from '../errors.js';
import type { LigatureEvent } from './events.js';

/** Roughly the bytes of its line. A matrix of likenesses of a thousand layers stays below. */
export const MOST_EVENT_BYTES = 2 ** 24;
/** What is read again nests less; a reader of logs refuses a hundred. */
export const MOST_EVENT_LEVELS = 64;
/** Characters of a message for people. */
export const LONGEST_MESSAGE = 8000;

/**
 * The event with its message cut to a length that one reads, and refused where the rest is too large: whoever published
 * it is to be mended.
 *
 * @throws ContractError (`event-too-large`)
 */
export function bounded<E extends LigatureEvent>(event: E): E {
  const short: E =
    'message' in event && event.message.length > LONGEST_MESSAGE
      ? { ...event, message: cut(event.message) }
      : event;
  let left = MOST_EVENT_BYTES;
  const take = (value: unknown, level: number): void => {
    if (level > MOST_EVENT_LEVELS)
      throw tooLarge(event, `it is nested deeper than ${MOST_EVENT_LEVELS} levels`);
    left -= typeof value === 'string' ? value.length + 2 : 8;
    if (left < 0) throw tooLarge(event, `it has more than ${MOST_EVENT_BYTES} bytes`);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const one of value as unknown[]) take(one, level + 1);
    else {
      for (const [name, one] of Object.entries(value)) {
        left -= name.length + 2;
        take(one, level + 1);
      }
    }
  };
  take(short, 0);
  return short;
}

/** @returns at most {@link LONGEST_MESSAGE} characters and a word about the rest */
function cut(message: string): string {
  return `${message.slice(0, LONGEST_MESSAGE)} … (cut at ${LONGEST_MESSAGE} of ${message.length} characters)`;
}

function tooLarge(event: LigatureEvent, found: string): ContractError {
  return new ContractError('event-too-large', {
    asked: `Publish "${event.type}"`,
    found,
    todo: 'Mend whoever published it: events are short notes, files are the place for more',
  });
}
