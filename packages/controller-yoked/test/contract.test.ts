/** The contract of every controller: one test a rule, each of which says why it matters. */
import { readFileSync } from 'node:fs';
import { PluginHost, TOKENS, createRandomStreams, createRunContainer } from '@ligature/core';
import { plugin as learners } from '@ligature/controller-q-learning';
import { controllerRules } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { plugin } from '../src/index.js';

// The suite tries several depths; a learner is made for the one that is asked for.
for (const layers of [4, 2]) {
  describe(`yoked, ${layers} layers`, () => {
    const rules = controllerRules(plugin, 'yoked', {
      layers: [layers],
      options: { with: { hidden: 8 }, block: 5 },
      provide: (container) =>
        container.provide(TOKENS.createController, (name, options) =>
          new PluginHost().register(learners).create('controllers', name, options, {
            layers,
            seed: 1,
            random: createRandomStreams(1).stream('policy/initialization'),
            get: createRunContainer().get,
          }),
        ),
    });
    for (const rule of rules) it(rule.title, rule.run);
  });
}

describe('plug-in', () => {
  it('has the name and the version of its package', () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name: string; version: string };
    expect([plugin.name, plugin.version]).toEqual([name, version]);
  });
});
