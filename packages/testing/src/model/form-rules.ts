/** What a model says of itself: depth, sizes, parameters, heads and cost. */
import type { Model, ModelCost, ParameterSpec } from '@ligature/core';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { show } from '../harness/show.js';
import { shapeOf } from './batches.js';
import { assertSpec } from './specs.js';
import type { ModelSubject } from './subject.js';
import { weightsOf } from './weights.js';

const creates: RuleSpec<ModelSubject> = {
  id: 'creates',
  must: 'create gives a model',
  why: 'Every run makes one before its first step',
  mend: 'Return { name, layers, width, stochastic, parameters, blockParameterName, heads, encode, cost }',
  check: async ({ make }) => void (await make()),
};

const sizes: RuleSpec<ModelSubject> = {
  id: 'sizes',
  must: 'it has as many layers as were asked for, and its width and context are whole numbers',
  why: 'Controllers and tie maps are made for the layers that were asked for, batches for the context',
  mend: 'Take `layers` from the options, or give the check a function `depth` that says how it is called',
  check: async ({ make }) => {
    for (const layers of [2, 3, 1]) await make({ layers });
  },
};

const parametersRule: RuleSpec<ModelSubject> = {
  id: 'parameters',
  must: 'parameters have full names of their own, shapes of whole numbers, a start and a way of sharing; every layer has a block',
  why: 'The registry makes, ties, counts and saves weights by these specs alone; two with one name would be one',
  mend: 'Name each parameter once, and let blockParameterName put the layer into the name',
  check: async ({ make }) => {
    const model = await make({ layers: 3 });
    for (const spec of model.parameters) assertSpec(spec);
    if (!model.parameters.some(({ sharing }) => sharing === 'block'))
      broken('there is no block parameter to tie');
    weightsOf(model);
  },
};

const headsRule: RuleSpec<ModelSubject> = {
  id: 'heads',
  must: 'there is a head; each gives the outputs that it was asked for, and has global parameters with names of their own',
  why: 'A task asks for a head by kind and outputs; a head stands behind the stack, where there is no layer to tie',
  mend: 'Offer heads as functions of the number of outputs; where one cannot have as many, throw an InputError and give the check `heads`',
  check: async ({ make, headOf, outputsFor }) => {
    const model = await make();
    const kinds = Object.keys(model.heads);
    if (kinds.length === 0) broken('it has no head');
    for (const kind of kinds) {
      const head = headOf(model, kind);
      if (head.outputs !== outputsFor(kind))
        broken(`the head ${kind} has ${show(head.outputs)} outputs, asked for were ${outputsFor(kind)}`);
      const taken = new Set(weightsOf(model).map(({ name }) => name));
      for (const spec of head.parameters) {
        assertSpec(spec);
        if (taken.has(spec.name)) broken(`the head ${kind} calls a weight "${spec.name}", as the model does`);
        taken.add(spec.name);
        if (spec.sharing !== 'global')
          broken(`the parameter "${spec.name}" of the head ${kind} is shared as ${show(spec.sharing)}`);
      }
    }
  },
};

const cost: RuleSpec<ModelSubject> = {
  id: 'cost',
  must: 'cost gives counts of zero and more, of weights that there are, and twice as much for two rows as for one',
  why: 'The ledger of every run, and each claim about operations saved by tying, is computed from it',
  mend: 'Count two operations for each multiply-add of the matrix products, by the name of the parameter; see ModelCost',
  check: async (subject) => {
    const { make, headOf, calls, fields, timeOf } = subject;
    const model = await make();
    const shapes = [1, 2].map((rows) => shapeOf(fields({ rows, time: timeOf(model) })));
    assertCost(
      'the model',
      shapes.map((shape) => counts(calls.now('cost', () => model.cost(shape)))),
      model.parameters,
    );
    for (const kind of Object.keys(model.heads)) {
      const head = headOf(model, kind);
      const globals = [...model.parameters, ...head.parameters].filter(({ sharing }) => sharing === 'global');
      assertCost(
        `the head ${kind}`,
        shapes.map((shape) => {
          const { weightFlops, activationBytes } = calls.now(`cost of the head ${kind}`, () =>
            head.cost(shape),
          );
          return new Map([...flops(weightFlops), ['activationBytes', activationBytes]]);
        }),
        globals,
      );
    }
  },
};

const COUNTS = ['layerActivationFlops', 'layerActivationBytes', 'globalActivationBytes'] as const;

const flops = (weightFlops: ModelCost['weightFlops']): [string, number][] => {
  if (typeof weightFlops !== 'object' || weightFlops === null)
    throw new Finding(`weightFlops are ${show(weightFlops)}`);
  return Object.entries(weightFlops).map(([name, value]) => [`weightFlops.${name}`, value]);
};

/** The counts of a cost by name. */
export const counts = (found: ModelCost): Map<string, number> =>
  new Map([
    ...COUNTS.map((name): [string, number] => [name, (found as ModelCost | undefined)?.[name] as number]),
    ...flops((found as ModelCost | undefined)?.weightFlops as ModelCost['weightFlops']),
  ]);

/** @throws Finding @param found of one row and of two */
export function assertCost(
  whose: string,
  found: readonly ReadonlyMap<string, number>[],
  parameters: Model['parameters'],
): void {
  const [one, two] = found;
  const names = new Set(parameters.map(({ name }: ParameterSpec) => `weightFlops.${name}`));
  for (const [name, value] of one!) {
    if (!Number.isFinite(value) || value < 0) broken(`of ${whose}, ${name} is ${show(value)}`);
    const doubled = two!.get(name);
    if (doubled !== 2 * value)
      broken(`of ${whose}, ${name} is ${value} for one row and ${show(doubled)} for two`);
    if (name.startsWith('weightFlops.') && !names.has(name))
      broken(`of ${whose}, ${name} is of no parameter; there are ${[...names].join(', ')}`);
  }
}

export const formRules: readonly RuleSpec<ModelSubject>[] = [creates, sizes, parametersRule, headsRule, cost];
