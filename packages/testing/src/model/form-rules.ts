/** What a model says of itself: options, sizes, parameters and cost. */
import type { Model, ModelCost, ParameterSpec } from '@ligature/core';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { show } from '../harness/show.js';
import type { ModelSubject } from './subject.js';
import { weightsOf } from './weights.js';

const creates: RuleSpec<ModelSubject> = {
  id: 'creates',
  must: 'create gives a model',
  why: 'Every run makes one before its first step',
  mend: 'Return { name, layers, context, vocabularySize, parameters, blockParameterName, logits, loss, cost }',
  check: async ({ make }) => void (await make()),
};

const runShape: RuleSpec<ModelSubject> = {
  id: 'options-run-shape',
  must: 'the schema takes the fields that every run passes: layers, width, heads, context, dropout, activation',
  why: 'They are the `model` part of a configuration: a schema that refuses one can be used in no run',
  mend: 'Declare them all, those too that the model has no use for, and refuse values that it cannot honour',
  check: async ({ make }) => void (await make()),
};

const sizes: RuleSpec<ModelSubject> = {
  id: 'sizes',
  must: 'layers, context and vocabularySize are those that were asked for',
  why: 'Controllers, batches and tokenizers are made for what was asked; ids beyond the vocabulary read nothing',
  mend: 'Take layers and context from the options and vocabularySize from the context of `create`',
  check: async ({ make }) => {
    await make();
    await make({ layers: 3, context: 9 });
  },
};

const parametersRule: RuleSpec<ModelSubject> = {
  id: 'parameters',
  must: 'parameters have full names of their own, shapes of whole numbers and a start; every layer has a block',
  why: 'The registry makes, ties, counts and saves weights by these specs alone; two with one name would be one',
  mend: 'Name each parameter once, and let blockParameterName put the layer into the name',
  check: async ({ make }) => {
    const model = await make({ layers: 3 });
    for (const spec of model.parameters) assertSpec(spec);
    if (!model.parameters.some(({ scope }) => scope === 'block'))
      broken('there is no block parameter to tie');
    weightsOf(model);
  },
};

function assertSpec({ name, shape, initializer, scope, component }: ParameterSpec): void {
  const wellShaped = Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length > 0);
  if (!wellShaped) broken(`the shape of "${name}" is ${show(shape)}`);
  if (scope !== 'global' && scope !== 'block') broken(`the scope of "${name}" is ${show(scope)}`);
  if (scope === 'global' && component !== undefined) {
    broken(`"${name}" is global, and says that it belongs to the component ${show(component)} of a block`);
  }
  const start =
    initializer?.kind === 'normal'
      ? Number.isFinite(initializer.standardDeviation) && initializer.standardDeviation > 0
      : initializer?.kind === 'constant' && Number.isFinite(initializer.value);
  if (!start) broken(`the initializer of "${name}" is ${show(initializer)}`);
}

const cost: RuleSpec<ModelSubject> = {
  id: 'cost',
  must: 'cost gives counts of zero and more for each component, which add up, and twice as much for two rows as for one',
  why: 'The ledger of every run, and each claim about operations saved by tying, is computed from it',
  mend: 'Count two operations for each multiply-add of the matrix products; see ModelCost',
  check: async ({ make, calls }) => {
    const model = await make();
    const one = calls.now('cost', () => model.cost(1, 4));
    const two = calls.now('cost', () => model.cost(2, 4));
    for (const [name, value] of flat(one)) {
      if (!Number.isFinite(value) || value < 0) broken(`${name} is ${show(value)}`);
      const doubled = flat(two).get(name);
      if (doubled !== 2 * value) broken(`${name} is ${value} for one row and ${show(doubled)} for two`);
    }
    const parts = Object.values(one.componentWeightFlops).reduce((sum, value) => sum + value, 0);
    if (parts !== one.layerWeightFlops) {
      broken(`the components add up to ${parts}, and layerWeightFlops is ${one.layerWeightFlops}`);
    }
    const missing = componentsOf(model).find((component) => !(component in one.componentWeightFlops));
    if (missing !== undefined) broken(`componentWeightFlops lacks the component "${missing}"`);
  },
};

const COUNTS = [
  'layerWeightFlops',
  'layerActivationFlops',
  'globalFlops',
  'layerActivationBytes',
  'globalActivationBytes',
] as const;

const flat = (found: ModelCost): ReadonlyMap<string, number> => {
  if (typeof found?.componentWeightFlops !== 'object') throw new Finding(`cost gave ${show(found)}`);
  return new Map([
    ...COUNTS.map((name): [string, number] => [name, found[name]]),
    ...Object.entries(found.componentWeightFlops).map(([name, value]): [string, number] => [
      `componentWeightFlops.${name}`,
      value,
    ]),
  ]);
};

const componentsOf = ({ parameters }: Model): string[] => [
  ...new Set(
    parameters.flatMap(({ scope, component }) => (scope === 'block' && component ? [component] : [])),
  ),
];

export const formRules: readonly RuleSpec<ModelSubject>[] = [creates, runShape, sizes, parametersRule, cost];
