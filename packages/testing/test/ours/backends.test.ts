import { plugin } from '@ligature/backends';
import { checkBackend, inspectBackend, type CheckBackendOptions } from '@ligature/testing';
import { expect, it } from 'vitest';
import '../support/quiet-backend.js';

const cases: readonly [string, CheckBackendOptions][] = [
  ['cpu', {}],
  ['wasm', {}],
  // Optional packages: where they are not installed, the report says so.
  ['onnxruntime', { mayBeUnavailable: true }],
  ['tensorflow', { mayBeUnavailable: true }],
  ['tensorflow-gpu', { mayBeUnavailable: true }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkBackend(plugin, name, options);
});

it('finds what our kernels mend in the WebAssembly backend as tfjs ships it', async () => {
  const { rules } = await inspectBackend(plugin, 'wasm', { options: { kernels: 'stock' } });
  expect(rules.filter(({ status }) => status === 'broken')).toMatchObject([
    { id: 'places', found: expect.stringMatching(/^oneHot is/) as string },
  ]);
});

it('leaves no backend out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.backends)));
});
