import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFromOptions, initialMapSchema, type Controller } from '../src/index.js';

const schema = z.strictObject({ keep: z.number().int().min(1).default(2), initial: initialMapSchema });
const make = (options: unknown): Controller & { keep: number } =>
  createFromOptions({ controller: 'mine', schema, options, layers: 4 }, ({ keep }) => ({
    ...{ keep, snapshot: () => null, restore: () => undefined },
  }));

describe('createFromOptions', () => {
  it('hands over options with their defaults', () => {
    expect(make({}).keep).toBe(2);
    expect(make({ keep: 3 }).keep).toBe(3);
  });

  it('gives the controller its first map, unless the profile chooses it', () => {
    expect(make({}).initial).toBeUndefined();
    expect(make({ initial: 'all-tied' }).initial?.(4)).toEqual([0, 0, 0, 0]);
    expect(make({ initial: '0-0-2-2' }).initial?.(4)).toEqual([0, 0, 2, 2]);
  });

  it('refuses what the schema refuses, and a map of another stack', () => {
    expect(() => make({ keep: 0 })).toThrow('Create the mine controller: keep must be at least 1, not 0.');
    expect(() => make({ kep: 1 })).toThrow(expect.objectContaining({ code: 'options-invalid' }));
    expect(() => make({ initial: '0-0' })).toThrow(expect.objectContaining({ code: 'tie-map-invalid' }));
  });
});
