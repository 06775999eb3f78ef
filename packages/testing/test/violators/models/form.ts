/** What can be wrong with what a model says of itself. */
import type { HeadCost, ModelCost } from '@ligature/core';
import type { CheckModelOptions } from '@ligature/testing';
import type { Violator } from '../violators.js';
import { heading, modelPlugin, violator, type Change } from './good.js';

const costing =
  (change: (cost: ModelCost, rows: number) => Partial<ModelCost>): Change =>
  ({ good }) => ({
    cost(shape) {
      const cost = good.cost(shape);
      return { ...cost, ...change(cost, shape['inputs']![0]!) };
    },
  });

const headCosting = (change: (cost: HeadCost) => Partial<HeadCost>): Change =>
  heading('causal-lm', (good) => ({
    cost(shape) {
      const cost = good.cost(shape);
      return { ...cost, ...change(cost) };
    },
  }));

export const formViolators: readonly Violator<CheckModelOptions>[] = [
  violator('creates', 'has no cost', /no function cost/, () => ({ cost: undefined }) as never),
  violator('creates', 'has no heads', /its heads are/, () => ({ heads: undefined }) as never),
  {
    rule: 'sizes',
    fault: 'has two layers whatever is asked',
    found: /it has 2 layers, asked for were 3/,
    plugin: modelPlugin(undefined, {}, { layers: 2 }),
  },
  {
    rule: 'sizes',
    fault: 'calls its layers otherwise than the check thinks',
    found: /there is no option "depth"/,
    plugin: modelPlugin(),
    options: { depth: (depth: number) => ({ depth }) },
  },
  violator('sizes', 'has half a context', /its context is 2.5/, () => ({ context: 2.5 })),
  violator('parameters', 'gives every layer the same names', /two weights have the name "weight"/, () => ({
    blockParameterName: (_, name) => name,
  })),
  violator('parameters', 'has no start for its weights', /initializer of "embedding" is/, ({ good }) => ({
    parameters: good.parameters.map((spec) =>
      spec.name === 'embedding' ? { ...spec, initializer: { kind: 'normal', standardDeviation: 0 } } : spec,
    ),
  })),
  violator(
    'parameters',
    'ties nothing',
    /there is no block parameter to tie/,
    ({ good }) => ({
      parameters: good.parameters.map(({ component: _, ...spec }) =>
        spec.sharing === 'block' ? { ...spec, sharing: 'position' as const } : spec,
      ),
    }),
    { also: ['hidden-by-layer'] },
  ),
  violator('parameters', 'calls a way of sharing as it likes', /the sharing of "bias" is/, ({ good }) => ({
    parameters: good.parameters.map((spec) =>
      spec.name === 'bias' ? { ...spec, sharing: 'private' as never } : spec,
    ),
  })),
  violator('heads', 'has no head', /it has no head/, () => ({ heads: {} })),
  violator(
    'heads',
    'gives one output more than was asked for',
    /has 12 outputs, asked for were 11/,
    ({ good }) => ({
      heads: { ...good.heads, 'causal-lm': (outputs) => good.heads['causal-lm']!(outputs + 1) },
    }),
  ),
  violator(
    'heads',
    'has a head with weights in every layer',
    /"head" of the head causal-lm is shared as "block"/,
    heading('causal-lm', (good) => ({
      parameters: good.parameters.map((spec) => ({ ...spec, sharing: 'block' })),
    })),
    { also: ['reads-what-it-declares', 'cost'] },
  ),
  violator(
    'heads',
    'calls a weight of a head as one of the model',
    /the head causal-lm calls a weight "embedding"/,
    heading('causal-lm', (good) => ({
      parameters: [...good.parameters, { ...good.parameters[0]!, name: 'embedding' }],
    })),
  ),
  violator(
    'cost',
    'counts operations of a weight that it does not have',
    /weightFlops.total is of no parameter/,
    costing(({ weightFlops }) => ({ weightFlops: { total: weightFlops['weight']! } })),
  ),
  violator(
    'cost',
    'counts one row whatever the batch',
    /layerActivationBytes is \d+ for one row and \d+ for two/,
    costing(({ layerActivationBytes }, rows) => ({ layerActivationBytes: layerActivationBytes / rows })),
  ),
  violator(
    'cost',
    'has a head that counts less than nothing',
    /of the head causal-lm, activationBytes is -/,
    headCosting(({ activationBytes }) => ({ activationBytes: -activationBytes })),
  ),
  violator(
    'cost',
    'has a head that counts operations of a layer',
    /of the head causal-lm, weightFlops.weight is of no parameter/,
    headCosting(({ weightFlops }) => ({ weightFlops: { weight: weightFlops['head']! } })),
  ),
];
