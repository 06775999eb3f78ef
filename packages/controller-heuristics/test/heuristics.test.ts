import { createRandomStream, createRunContainer, PluginHost } from '@ligature/core';
import type { Controller } from '@ligature/core';
import { SCHEMES } from '@ligature/weight-sharing/schemes';
import { describe, expect, it } from 'vitest';
import { plugin } from '../src/index.js';

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
