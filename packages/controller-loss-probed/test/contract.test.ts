/** The contract of every controller: one test a rule, each of which says why it matters. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { controllerRules } from '@ligature/testing';
import { plugin } from '../src/index.js';

for (const options of [{}, { tolerance: 0, memory: 0.5, warmup: 1, partner: 'any' }]) {
  describe(`loss-probed with ${JSON.stringify(options)}`, () => {
    for (const rule of controllerRules(plugin, 'loss-probed', { options })) it(rule.title, rule.run);
  });
}

describe('plug-in', () => {
  it('has the name and the version of its package', () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name: string; version: string };
    assert.deepEqual([plugin.name, plugin.version], [name, version]);
  });
});
