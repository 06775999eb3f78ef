/** A source of weights, and what can be wrong with one. */
import { appendFileSync, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  definePlugin,
  defineWeights,
  InputError,
  type Plugin,
  type Weights,
  type WeightSource,
} from '@ligature/core';
import type { CheckWeightsOptions } from '@ligature/testing';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = { path: z.string().default('weights').describe('a file that has to be there') };
const options = z.strictObject(fields);

const made = (): WeightSource => ({
  weights: {
    tensors: new Map([
      ['table', { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
      ['layers.0.bias', { shape: [2], data: [0, 1] }],
    ]),
    metadata: { tieMap: '[0,0,2]' },
  },
  origin: { path: 'weights' },
});

type Change = (inside: { readonly good: Weights; readonly path: string }) => Partial<Weights>;

function weightsPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    weights: {
      [NAME]: defineWeights({
        meta: { summary: 'Six numbers and two', options, ...meta },
        create({ path }: z.output<typeof options>, { folder }) {
          const file = resolve(folder, path);
          const good: Weights = {
            open() {
              if (existsSync(file)) return Promise.resolve(made());
              const parts = { asked: `Read "${path}"`, found: 'it is not there', todo: 'Check the path' };
              return Promise.reject(new InputError('missing', parts));
            },
          };
          return { ...good, ...change({ good, path: file }) };
        },
      }),
    },
  });
}

export const goodWeights = weightsPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckWeightsOptions>, 'also' | 'only'> & { readonly timeoutSeconds?: number } = {},
) => ({ rule, fault, found, plugin: weightsPlugin(change), ...more });

/** The good one with another answer. */
const giving =
  (change: (source: WeightSource) => unknown): Change =>
  ({ good }) => ({ open: async () => change(await good.open()) as WeightSource });

const withTensor = (tensor: unknown): Change =>
  giving((source) => ({
    ...source,
    weights: { ...source.weights, tensors: new Map([['table', tensor]]) },
  }));

let opened = 0;

export const weightsViolators: readonly (Violator<CheckWeightsOptions> & {
  readonly timeoutSeconds?: number;
})[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: weightsPlugin(undefined, meta) })),
  violator('creates', 'cannot be opened', /no function open/, () => ({ open: undefined }) as never),
  violator(
    'plays-through',
    'stumbles over a file',
    /open was rejected with TypeError/,
    () => ({
      open: () => Promise.reject(new TypeError('no header')),
    }),
    { also: ['missing-refused'] },
  ),
  violator(
    'answers',
    'never comes back',
    /gave no answer/,
    () => ({ open: () => new Promise(() => undefined) }),
    {
      timeoutSeconds: 0.2,
      only: ALONE,
    },
  ),
  violator(
    'weights-form',
    'has fewer numbers than its shape',
    /"table" of \[2, 3\] has 5 numbers/,
    withTensor({
      shape: [2, 3],
      data: [1, 2, 3, 4, 5],
    }),
  ),
  violator(
    'weights-form',
    'holds what is no number',
    /"table" holds "?NaN/,
    withTensor({
      shape: [1],
      data: [Number.NaN],
    }),
  ),
  violator(
    'weights-form',
    'points forward in its tie map',
    /a tie map in the metadata is none/,
    giving((source) => ({
      ...source,
      weights: { ...source.weights, metadata: { tieMap: '[0,2,2]' } },
    })),
  ),
  violator(
    'weights-form',
    'does not say where they came from',
    /its origin is/,
    giving(({ origin: _, ...source }) => source),
  ),
  violator(
    'deterministic',
    'draws what is missing',
    /tensors.0.data.0 is/,
    giving((source) => {
      opened += 1;
      return {
        ...source,
        weights: { ...source.weights, tensors: new Map([['table', { shape: [1], data: [opened] }]]) },
      };
    }),
  ),
  violator('missing-refused', 'begins from zeros where there is nothing', /it gave weights/, () => ({
    open: () => Promise.resolve(made()),
  })),
  violator('missing-refused', 'lets the file system speak', /it ended in Error: ENOENT/, ({ good }) => ({
    open: () => good.open().catch(() => Promise.reject(new Error('ENOENT: no such file'))),
  })),
  violator('reads-only', 'notes that it was there', /the file weights is/, ({ good, path }) => ({
    async open() {
      const source = await good.open();
      appendFileSync(path, 'read\n');
      return source;
    },
  })),
  violator('no-math-random', 'rolls dice', /Math.random\(\)/, ({ good }) => ({
    open() {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return good.open();
    },
  })),
];
