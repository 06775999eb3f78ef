/** GPT-2's pre-tokenization: merges never cross the pieces, and the pieces join to the text. */
import { GPT2_PATTERN } from '../tokenizer-json/patterns/gpt2.js';

/** Calls `visit` with every piece of `text`, in order. */
export function forEachPiece(text: string, visit: (piece: string) => void): void {
  // A copy: a global pattern keeps its position between calls.
  const pattern = new RegExp(GPT2_PATTERN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) visit(match[0]);
}
