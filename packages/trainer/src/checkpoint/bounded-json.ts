/** JSON from bytes that nobody vouches for: strict UTF-8, and no nesting that could exhaust stack or memory. */
import { InputError, parseJson } from '@ligature/core';

/**
 * @param what the file, for the message
 * @throws InputError (`json-invalid`)
 */
export function parseBoundedJson(bytes: Uint8Array, what: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return parseJson(text);
  } catch (error) {
    throw new InputError('json-invalid', {
      asked: `Read ${what}`,
      found: `it is no JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`,
      todo: 'Use another checkpoint, or save the model again',
    });
  }
}
