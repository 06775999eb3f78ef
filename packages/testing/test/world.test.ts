/** Worlds without a model: what a controller is shown of them. */
import type { Controller } from '@ligature/core';
import { playWorld } from '@ligature/testing';
import { expect, it } from 'vitest';

/** Ties its layer where the window before ended better than it began. */
function reader(): { readonly controller: Controller; readonly told: (readonly number[])[] } {
  const told: (readonly number[])[] = [];
  const controller: Controller = {
    decide({ layer, recentLosses }) {
      if (layer === null || recentLosses.length === 0) return { kind: 'keep' };
      return { kind: 'layer', layer, source: recentLosses.at(-1)! < recentLosses[0]! ? 0 : layer };
    },
    // Nothing to report: a function without `return` is a legal one.
    learn({ next }) {
      told.push(next.recentLosses);
    },
    snapshot: () => null,
    restore: () => undefined,
  };
  return { controller, told };
}

it('shows the losses of the window before, and those of the closed one in `next`', async () => {
  const { controller, told } = reader();
  // They fall in even windows and rise in odd ones, and tell the map.
  const losses = (map: readonly number[], window: number): number[] =>
    window % 2 === 0 ? [3, map[1]!] : [map[1]!, 3];
  const { maps } = await playWorld(controller, { layers: 3, windows: 4, reward: () => 0, losses });
  expect(maps.map((map) => map.join('-'))).toEqual(['0-1-2', '0-1-0', '0-1-0', '0-1-0']);
  expect(told).toEqual([
    [3, 1],
    [1, 3],
    [3, 1],
    [1, 3],
  ]);
});

it('has none where the world gives none', async () => {
  const { controller, told } = reader();
  const { decisions } = await playWorld(controller, { layers: 3, windows: 2, reward: () => 0 });
  expect(decisions).toEqual([{ kind: 'keep' }, { kind: 'keep' }]);
  expect(told).toEqual([[], []]);
});
