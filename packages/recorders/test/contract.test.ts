/** The contract of every recorder: one test a rule, each of which says why it matters. */
import { readFileSync } from 'node:fs';
import { recorderRules } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { plugin } from '../src/index.js';

for (const [name, options] of [
  ['tensorboard', {}],
  ['tensorboard', { every: 3, pictures: false }],
  ['metrics-csv', {}],
  ['metrics-csv', { columns: ['controller/learned/loss'] }],
] as const) {
  describe(`${name} with ${JSON.stringify(options)}`, () => {
    for (const rule of recorderRules(plugin, name, { options })) it(rule.title, rule.run);
  });
}

it('the plug-in has the name and the version of its package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  expect([plugin.name, plugin.version]).toEqual([name, version]);
});
