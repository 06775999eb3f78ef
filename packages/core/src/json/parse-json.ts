/**
 * JSON from files that nobody vouches for. `JSON.parse` itself takes a hundred thousand levels; whatever walks the
 * value afterwards does not.
 */

/** Configurations, tokenizers and snapshots stay below 20. */
const MOST_LEVELS = 100;

/** @throws SyntaxError for what is no JSON, or nested deeper than 100 levels */
export function parseJson(text: string): unknown {
  // Before parsing, which takes memory for each level that a hostile file opens.
  assertJsonDepth(text);
  return JSON.parse(text) as unknown;
}

/** @throws SyntaxError when JSON text is nested deeper than 100 levels: nobody here would read it again */
export function assertJsonDepth(text: string): void {
  let level = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c /* \ */) at += 1;
      else if (char === 0x22 /* " */) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x5b /* [ */ || char === 0x7b /* { */) {
      level += 1;
      if (level > MOST_LEVELS) throw new SyntaxError(`it is nested deeper than ${MOST_LEVELS} levels`);
    } else if (char === 0x5d /* ] */ || char === 0x7d /* } */) level -= 1;
  }
}
