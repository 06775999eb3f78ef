/**
 * Which layer uses which block while decisions are applied: what a registry does, without weights. `clean` resolves
 * sources to their roots and takes followers along; `official` replays the published code, whose state is the log of
 * its actions (weight-sharing has both, with tensors). Every component of a block has a map of its own.
 */
import { canonicalTieMap, tieMapFromBlocks } from '@ligature/core';
import type { Decision, TieMap } from '@ligature/core';

export type Profile = 'clean' | 'official';

/** The parts of a block, as GPT-2 has them. */
export const COMPONENTS = ['attention', 'mlp', 'norms'] as const;

export interface StackState {
  /** By component, the block of each layer: its root, or under `official` the storage that it aliases. */
  readonly blocks: Readonly<Record<string, readonly number[]>>;
  /** What learners read: the tie map, or under `official` the last action of each layer. */
  readonly state: readonly number[];
}

export function initialStack(profile: Profile, layers: number, initial: TieMap | undefined): StackState {
  const independent = Array.from({ length: layers }, (_, layer) => layer);
  if (initial !== undefined) {
    const blocks = canonicalTieMap(initial);
    return { blocks: everywhere(blocks), state: blocks };
  }
  const state = profile === 'clean' ? independent : independent.map(() => 0);
  return { blocks: everywhere(independent), state };
}

const everywhere = (blocks: readonly number[]): StackState['blocks'] =>
  Object.fromEntries(COMPONENTS.map((component) => [component, blocks]));

/** The canonical map of every component. */
export const tieMapsOf = ({ blocks }: StackState): Readonly<Record<string, TieMap>> =>
  Object.fromEntries(Object.entries(blocks).map(([component, one]) => [component, tieMapFromBlocks(one)]));

/** Layers that share every component are of one block. */
export function tieMapOf({ blocks }: StackState): TieMap {
  const maps = Object.values(blocks);
  const keys = maps[0]!.map((_, layer) => maps.map((map) => map[layer]).join());
  return keys.map((key) => keys.indexOf(key));
}

/** The stack after a decision that has been checked. @param component `null`: of whole blocks */
export function applied(
  profile: Profile,
  stack: StackState,
  decision: Decision,
  component: string | null = null,
): StackState {
  if (decision.kind === 'keep') return stack;
  if (profile === 'official') return replayed(stack, decision);
  const blocks = Object.fromEntries(
    Object.entries(stack.blocks).map(([name, map]) => {
      if (component !== null && name !== component) return [name, map];
      if (decision.kind === 'map') return [name, canonicalTieMap(decision.tieMap)];
      return [name, tied(map, decision.layer, decision.source)];
    }),
  );
  return { blocks, state: tieMapOf({ ...stack, blocks }) };
}

function replayed(stack: StackState, decision: Exclude<Decision, { readonly kind: 'keep' }>): StackState {
  const ties =
    decision.kind === 'layer'
      ? [[decision.layer, decision.source] as const]
      : decision.tieMap.slice(1).map((source, index) => [index + 1, source] as const);
  const blocks = [...stack.blocks[COMPONENTS[0]]!];
  const state = [...stack.state];
  for (const [layer, source] of ties) {
    blocks[layer] = blocks[source]!;
    state[layer] = source;
  }
  return { blocks: everywhere(blocks), state };
}

function tied(map: readonly number[], layer: number, source: number): number[] {
  const root = source === layer ? layer : map[source]!;
  // An owner that is tied away takes its followers along; one that stays an owner keeps them.
  return map.map((block, other) => (other === layer || block === layer ? root : block));
}
