/**
 * Words for whatever was thrown. JavaScript throws any value: nothing at all, a text, an object whose getters throw in
 * their turn. Nothing here throws.
 */
import { LigatureError } from './errors.js';

const LONGEST = 300;

/** `TypeError: x is not a function`, `"oops"`, `undefined`; without the full stop at its end. */
export function thrownText(thrown: unknown): string {
  try {
    return (thrown instanceof Error ? errorText(thrown) : valueText(thrown)).replace(/\.$/, '');
  } catch {
    return 'something that cannot be shown';
  }
}

/** What an error says, without its class; of anything else the same as `thrownText`. */
export function thrownMessage(thrown: unknown): string {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string')
      return thrown.message.replace(/\.$/, '');
  } catch {
    // Its getters throw: the other one says so.
  }
  return thrownText(thrown);
}

/** Whether it is one of ours, which says for itself what was asked, found and to be done. */
export function isOurs(thrown: unknown): thrown is LigatureError {
  try {
    return thrown instanceof LigatureError;
  } catch {
    return false;
  }
}

function errorText({ name, message }: Error): string {
  if (typeof name !== 'string' || typeof message !== 'string') return 'an error whose message is no text';
  return message === '' ? name : `${name}: ${message}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'symbol') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
