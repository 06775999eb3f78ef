import { createRandomStream, createRunContainer, PluginHost } from '@ligature/core';
import type { Controller, Observation, TieMap } from '@ligature/core';
import { SCHEMES } from '@ligature/weight-sharing/schemes';
import { describe, expect, it } from 'vitest';
import { createFixedMap, plugin } from '../src/index.js';

const host = new PluginHost().register(plugin);
const create = (name: string, layers: number, options: unknown = {}): Promise<Controller> =>
  host.create('controllers', name, options, {
    layers,
    seed: 1,
    random: createRandomStream(1, 'test'),
    get: createRunContainer().get,
  });
const mapOf = async (name: string, layers: number, options: unknown = {}): Promise<string> =>
  (await create(name, layers, options)).initial!(layers).join(' ');

describe('schemes by name', () => {
  // Roots worked out from the published formulas, scheme by scheme (see docs/controllers/heuristics.md).
  it.each([
    ['none', 4, {}, '0 1 2 3'],
    ['all-tied', 4, {}, '0 0 0 0'],
    ['sequence', 12, { groupSize: 4 }, '0 0 0 0 4 4 4 4 8 8 8 8'],
    ['cycle', 12, { blocks: 3 }, '0 1 2 0 1 2 0 1 2 0 1 2'],
    ['cycle-reversed', 12, { blocks: 3 }, '0 1 2 0 1 2 0 1 2 2 1 0'],
    ['cycle-reversed', 5, { blocks: 3 }, '0 1 2 2 1'],
    ['sandwich', 8, {}, '0 1 1 1 1 1 1 7'],
    ['immediate', 8, {}, '0 0 2 2 4 4 6 6'],
    ['middle-cycle', 8, { loops: 2 }, '0 1 2 3 1 2 3 7'],
    ['middle-sequence', 8, { loops: 2 }, '0 1 1 3 3 5 5 7'],
    ['prelude-core-coda', 8, { start: 1, end: 1, count: 2 }, '0 1 2 1 2 1 2 7'],
    ['fold', 8, {}, '0 1 2 3 3 2 1 0'],
    ['albert-groups', 12, { groups: 5 }, '0 0 0 3 3 5 5 5 8 8 10 10'],
    ['half-cycle', 6, {}, '0 1 2 0 1 2'],
    ['list', 4, { ids: ['a', 'b', 'a', 'b'] }, '0 1 0 1'],
  ])('%s of %d layers', async (name, layers, options, expected) => {
    expect(await mapOf(name, layers, options)).toBe(expected);
  });

  it('offers every scheme, and each one decides nothing', async () => {
    expect(host.names('controllers')).toEqual([...SCHEMES.map(({ name }) => name), 'map']);
    for (const { name } of SCHEMES) {
      const controller = await create(name, 8, name === 'list' ? { ids: [0, 0, 0, 0, 1, 1, 1, 1] } : {});
      expect(controller.decide).toBeUndefined();
      expect(controller.learn).toBeUndefined();
      expect(controller.initial!(8)).toHaveLength(8);
      controller.restore(controller.snapshot());
    }
  });

  it('refuses options and stacks that a scheme cannot use', async () => {
    await expect(create('cycle', 4, { blocks: 5 })).rejects.toMatchObject({ code: 'scheme-impossible' });
    await expect(create('cycle', 4, { bloks: 2 })).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(create('half-cycle', 5)).rejects.toMatchObject({ code: 'scheme-impossible' });
    const controller = await create('none', 4);
    expect(() => controller.initial!(5)).toThrow(expect.objectContaining({ code: 'controller-layers' }));
  });
});

describe('maps that begin in mid-training', () => {
  const observe = (progress: number, tieMap: TieMap): Observation => ({
    ...{ window: 3, sweep: 3, step: 15, progress, layers: tieMap.length, layer: null, component: null },
    ...{ tieMap, tieMaps: { block: tieMap }, state: tieMap, recentLosses: [] },
  });
  const random = createRandomStream(1, 'policy');
  const names = SCHEMES.map(({ name }) => name).filter((name) => name !== 'none');
  const own = (name: string): object => (name === 'list' ? { ids: [0, 0, 0, 0, 1, 1, 1, 1] } : {});

  it.each([...names, 'map'])('%s trains untied first, then has its map, and keeps it', async (name) => {
    const options = name === 'map' ? { map: '0-0-2-2-2-5-5-0' } : own(name);
    const map = (await create(name, 8, options)).initial!(8);
    const late = await create(name, 8, { ...options, begin: 0.3 });
    const untied = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(late.initial!(8)).toEqual(untied);
    expect(late.decide!(observe(0.29, untied), random)).toEqual({ kind: 'keep' });
    expect(late.decide!(observe(0.3, untied), random)).toEqual({ kind: 'map', tieMap: map });
    expect(late.decide!(observe(0.31, map), random)).toEqual({ kind: 'keep' });
    // A run that was stopped in between has the map that is due.
    late.restore(late.snapshot());
    expect(late.decide!(observe(0.9, untied), random)).toEqual({ kind: 'map', tieMap: map });
  });

  it('decides on the whole stack in every window, whatever the order of turns is', async () => {
    const late = await create('pairs', 8, { begin: 0.5 });
    for (const window of [0, 1, 17])
      expect(late.turn!(window, { layers: 8, components: ['attention', 'mlp'] })).toEqual({
        sweep: window,
        layer: null,
        component: null,
      });
  });

  it('is enforced, where that is asked for, also on weights that brought another map', async () => {
    const enforced = await create('map', 4, { map: '0-0-2-2', enforced: true });
    expect(enforced.initial!(4)).toEqual([0, 0, 2, 2]);
    expect(enforced.decide!(observe(0, [0, 1, 2, 3]), random)).toEqual({ kind: 'map', tieMap: [0, 0, 2, 2] });
    expect(enforced.decide!(observe(0, [0, 0, 2, 2]), random)).toEqual({ kind: 'keep' });
  });

  it('is as ever where it begins with the first step', async () => {
    const early = await create('pairs', 4, { begin: 0 });
    expect(early.initial!(4)).toEqual([0, 0, 2, 2]);
    expect([early.decide, early.turn]).toEqual([undefined, undefined]);
  });

  it('refuses what is no share of the budget, and a share for the untied stack', async () => {
    for (const begin of [1, -0.1, 'half'])
      await expect(create('pairs', 4, { begin })).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(create('none', 4, { begin: 0.3 })).rejects.toMatchObject({ code: 'options-invalid' });
    expect(() => createFixedMap([0, 0], Number.NaN)).toThrow('no share of it');
    const late = await create('pairs', 4, { begin: 0.3 });
    expect(() => late.initial!(5)).toThrow(expect.objectContaining({ code: 'controller-layers' }));
  });
});

describe('map', () => {
  it.each([
    [[0, 0, 2, 2], '0 0 2 2'],
    ['0-0-2-2', '0 0 2 2'],
    ['0-1-2-10-4-5-6-7-8-9-0', null], // layer 3 points at a later one
    [[0, 0, 1, 2], '0 0 0 0'], // a chain of parents means its root
  ])('takes %j', async (map, expected) => {
    const layers = typeof map === 'string' ? map.split('-').length : map.length;
    if (expected === null) {
      await expect(create('map', layers, { map })).rejects.toThrow('layer 3 points at 10, a later layer');
    } else {
      expect(await mapOf('map', layers, { map })).toBe(expected);
    }
  });

  it('refuses what is no map of the stack', async () => {
    await expect(create('map', 4, { map: '0-0-2' })).rejects.toMatchObject({ code: 'tie-map-invalid' });
    await expect(create('map', 4, { map: '0,0,2,2' })).rejects.toThrow('layers joined by dashes');
    await expect(create('map', 2, { map: [0, -1] })).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(create('map', 2)).rejects.toMatchObject({ code: 'options-invalid' });
  });
});
