/** The contract of every controller: one test a rule, each of which says why it matters. */
import { readFileSync } from 'node:fs';
import { controllerRules } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { plugin } from '../src/index.js';

for (const options of [
  {},
  { blocks: 1, contiguous: true, from: 0, until: 1, hold: 1, settle: 0 },
  { features: 'both', candidates: 7, hold: 2, from: 0, until: 0.9, carry: 0.5 },
]) {
  describe(`linear-thompson with ${JSON.stringify(options)}`, () => {
    for (const rule of controllerRules(plugin, 'linear-thompson', { options })) it(rule.title, rule.run);
  });
}

it('the plug-in has the name and the version of its package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  expect([plugin.name, plugin.version]).toEqual([name, version]);
});
