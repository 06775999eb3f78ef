/** What the ops of `@ligature/nn` keep of a layer for the backward pass without dropout, in numbers and not in bytes. */

/** Normalized rows and their scales. */
export const normActivations = (rows: number, width: number): number => rows * width + rows;

/**
 * Of attention, an MLP with a GELU and two norms, wherever these stand.
 *
 * @param probabilities of the attention, over all heads
 */
export function layerActivations(rows: number, width: number, inner: number, probabilities: number): number {
  const attentionInput = rows * width; // of its products, be it one or three
  const attention = 3 * rows * width + probabilities + rows * width; // queries, keys, values; its output
  const mlpInput = rows * width;
  const gelu = 3 * rows * inner; // input, gate and output, the output being the input of the next product
  return 2 * normActivations(rows, width) + attentionInput + attention + mlpInput + gelu;
}
