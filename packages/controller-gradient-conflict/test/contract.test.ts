/** The contract of every controller: one test a rule, each of which says why it matters. */
import { readFileSync } from 'node:fs';
import { controllerRules } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { plugin } from '../src/index.js';

for (const options of [
  {},
  { blocks: 1, from: 0, until: 0.2, every: 1, memory: 0 },
  { blocks: 2, from: 0, until: 1, every: 3, threshold: 0.3, margin: 0 },
]) {
  describe(`gradient-conflict with ${JSON.stringify(options)}`, () => {
    const layers = [12, 4, 2, 48];
    for (const rule of controllerRules(plugin, 'gradient-conflict', {
      options,
      ...(options.blocks === 2 && { layers }),
    }))
      it(rule.title, rule.run);
  });
}

it('the plug-in has the name and the version of its package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  expect([plugin.name, plugin.version]).toEqual([name, version]);
});
