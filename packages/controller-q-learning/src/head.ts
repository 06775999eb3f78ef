/**
 * Which output of the Q-network is the value of which action.
 *
 * Layer l has l + 1 actions: sources 0..l-1, and l itself, which makes it independent. Layer 0 never decides.
 * `compact` has no output for it; `official` keeps the official code's dead output 0 (dqn_trainer.py:76-81).
 */
import type { TieMap } from '@ligature/core';

export type HeadLayout = 'compact' | 'official';

/** Number of outputs for a stack of `layers`. */
export function headSize(layout: HeadLayout, layers: number): number {
  return sliceStart(layout, layers);
}

/** Index of the output for (layer, source 0). */
export function sliceStart(layout: HeadLayout, layer: number): number {
  return (layer * (layer + 1)) / 2 - (layout === 'compact' ? 1 : 0);
}

/**
 * The sources that `layer` can tell apart, ascending; the last one is `layer` itself.
 * With `collapse`, two sources in one class of the canonical map `tieMap` are one action, and its root stands for it.
 */
export function distinctSources(layer: number, tieMap: TieMap, collapse: boolean): number[] {
  const sources: number[] = [];
  for (let source = 0; source < layer; source += 1) {
    if (!collapse || tieMap[source] === source) sources.push(source);
  }
  sources.push(layer);
  return sources;
}

/** The source that stands for `source` among `distinctSources(layer, …)`. */
export function representative(layer: number, source: number, tieMap: TieMap, collapse: boolean): number {
  return collapse && source < layer ? (tieMap[source] ?? source) : source;
}

/** The source with the largest value; the first of equals, as `torch.argmax` on a processor. */
export function bestSource(values: ArrayLike<number>, start: number, sources: readonly number[]): number {
  let best = sources[0]!;
  for (const source of sources) if (values[start + source]! > values[start + best]!) best = source;
  return best;
}
