/**
 * Which layer uses which block while decisions are applied: what a registry does, without weights. `clean` resolves
 * sources to their roots and takes followers along; `official` replays the published code, whose state is the log of
 * its actions (weight-sharing has both, with tensors).
 */
import { canonicalTieMap, tieMapFromBlocks } from '@ligature/core';
import type { Decision, TieMap } from '@ligature/core';

export type Profile = 'clean' | 'official';

export interface StackState {
  /** The block of each layer: its root, or under `official` the storage that it aliases. */
  readonly blocks: readonly number[];
  /** What learners read: the tie map, or under `official` the last action of each layer. */
  readonly state: readonly number[];
}

export function initialStack(profile: Profile, layers: number, initial: TieMap | undefined): StackState {
  const independent = Array.from({ length: layers }, (_, layer) => layer);
  if (initial !== undefined) {
    const blocks = canonicalTieMap(initial);
    return { blocks, state: blocks };
  }
  return { blocks: independent, state: profile === 'clean' ? independent : independent.map(() => 0) };
}

export const tieMapOf = ({ blocks }: StackState): TieMap => tieMapFromBlocks(blocks);

/** The stack after a decision that has been checked. */
export function applied(profile: Profile, stack: StackState, decision: Decision): StackState {
  if (decision.kind === 'keep') return stack;
  if (profile === 'clean') {
    const blocks =
      decision.kind === 'map'
        ? canonicalTieMap(decision.tieMap)
        : tied(stack.blocks, decision.layer, decision.source);
    return { blocks, state: blocks };
  }
  const ties =
    decision.kind === 'layer'
      ? [[decision.layer, decision.source] as const]
      : decision.tieMap.slice(1).map((source, index) => [index + 1, source] as const);
  const blocks = [...stack.blocks];
  const state = [...stack.state];
  for (const [layer, source] of ties) {
    blocks[layer] = blocks[source]!;
    state[layer] = source;
  }
  return { blocks, state };
}

function tied(map: readonly number[], layer: number, source: number): number[] {
  const root = source === layer ? layer : map[source]!;
  // An owner that is tied away takes its followers along; one that stays an owner keeps them.
  return map.map((block, other) => (other === layer || block === layer ? root : block));
}
