/**
 * GPT-2's pre-tokenization (Radford et al. 2019, `encoder.py`): merges never cross the pieces that this
 * pattern cuts. Every character belongs to a piece, so the pieces join to the text.
 */
const GPT2_PATTERN = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Calls `visit` with every piece of `text`, in order. */
export function forEachPiece(text: string, visit: (piece: string) => void): void {
  // A copy: a global pattern keeps its position between calls.
  const pattern = new RegExp(GPT2_PATTERN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) visit(match[0]);
}
