/** Our controllers pass the suite that those of others have to pass, with their options and without. */
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as random } from '@ligature/controller-random';
import type { Plugin } from '@ligature/core';
import { checkController, controllerRules, type CheckControllerOptions } from '@ligature/testing';
import { describe, expect, it } from 'vitest';

const small = { hidden: 12 };

/** Options beside the defaults that lead to other code. */
const settings: Readonly<Record<string, readonly CheckControllerOptions[]>> = {
  random: [
    {},
    { options: { decide: 'all', initial: 'all-tied' } },
    { options: { mode: 'fixed' } },
    { options: { mode: 'fixed', blocks: 3 } },
    { options: { mode: 'fixed', blocks: 3, contiguous: true } },
  ],
  'random-merging': [{}, { options: { blocks: 1, from: 0, until: 1 } }],
  'random-adjacent-merging': [{}, { options: { blocks: 1, from: 0, until: 1 } }],
  'q-learning': [
    { options: small },
    { options: { ...small, decide: 'all', epsilon: { decay: 0.1 } } },
    {
      options: {
        ...small,
        replay: { capacity: 5, batch: 3 },
        targetNetwork: { every: 2 },
        doubleQ: true,
        terminal: 'sweep',
        initial: 'all-tied',
        epsilon: { decay: 0.1 },
      },
    },
  ],
  'q-learning-official': [{ options: small }],
  // Block ids and literal maps fit one depth only.
  list: [{ options: { ids: ['a', 'b', 'a', 'c'] }, layers: [4] }],
  map: [
    { options: { map: '0-0-2-2' }, layers: [4] },
    { options: { map: '0-0-2-2', begin: 0.5 }, layers: [4] },
  ],
  'prelude-core-coda': [{}, { options: { start: 0, end: 0, count: 1, begin: 0.3 } }],
};

describe.each<[string, Plugin]>([
  ['random', random],
  ['heuristics', heuristics],
  ['q-learning', qLearning],
])('%s', (_, plugin) => {
  const cases = Object.keys(plugin.controllers ?? {}).flatMap((name) =>
    (settings[name] ?? [{}]).map((options): [string, CheckControllerOptions] => [name, options]),
  );
  it.each(cases)('%s %j', async (name, options) => {
    await checkController(plugin, name, options);
  });
});

it('knows every controller with settings of its own', () => {
  const known = [random, heuristics, qLearning].flatMap((plugin: Plugin) =>
    Object.keys(plugin.controllers ?? {}),
  );
  expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
});

describe('one test a rule, with the defaults of q-learning', () => {
  for (const rule of controllerRules(qLearning, 'q-learning')) it(rule.title, rule.run);
});
