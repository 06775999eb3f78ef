import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugin } from '@ligature/run';
import { checkWeights, type CheckWeightsOptions } from '@ligature/testing';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'ligature-weights-'));
cpSync(new URL('../../../../test/fixtures/format-1/run', import.meta.url), join(folder, 'run'), {
  recursive: true,
});
afterAll(() => rmSync(folder, { recursive: true }));

const cases: readonly [string, CheckWeightsOptions][] = [
  ['run', { folder, options: { path: 'run' }, missing: { path: 'nothing' } }],
  [
    'stored',
    { folder, options: { key: 'run' }, missing: { key: 'nothing' }, stored: (key) => join(folder, key) },
  ],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkWeights(plugin, name, options);
});

it('leaves no source of weights out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.weights)));
});
