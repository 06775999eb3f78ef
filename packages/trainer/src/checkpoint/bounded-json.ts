/** JSON from bytes that nobody vouches for: strict UTF-8, and no nesting that could exhaust stack or memory. */
import { InputError } from '@ligature/core';

/** Configurations, tokenizers and snapshots stay below 20. */
const MAX_DEPTH = 100;

/**
 * @param what the file, for the message
 * @throws InputError (`json-invalid`)
 */
export function parseBoundedJson(bytes: Uint8Array, what: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // Before parsing, which takes memory for each level that a hostile file opens.
    assertDepth(text);
    return JSON.parse(text);
  } catch (error) {
    throw new InputError('json-invalid', {
      asked: `Read ${what}`,
      found: `it is no JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`,
      todo: 'Use another checkpoint, or save the model again',
    });
  }
}

/** @throws Error when the JSON text is nested too deeply to be read again */
export function assertDepth(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c /* \ */) at += 1;
      else if (char === 0x22 /* " */) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x5b /* [ */ || char === 0x7b /* { */) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new Error(`it is nested deeper than ${MAX_DEPTH} levels`);
    } else if (char === 0x5d /* ] */ || char === 0x7d /* } */) depth -= 1;
  }
}
