import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, PluginHost } from '@ligature/core';
import { loadPlugin } from '@ligature/core/node';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ligature-manifest-'));
  mkdirSync(join(root, 'plugin'));
  writeFileSync(join(root, 'outside.mjs'), "export default { name: 'outside', version: '1.0.0' };\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the package.json of a plug-in', () => {
  it.each([
    ['no JSON', '{"name":'],
    ['no object', '[]'],
    ['a main that is a list', '{"main":[]}'],
    ['a main that leads out of the folder', '{"main":"../outside.mjs"}'],
    ['a name that is a path', '{"name":"../outside.mjs","exports":"./x.js"}'],
    ['a name that is code', '{"name":"data:text/javascript,throw 1","exports":"./x.js"}'],
    ['a hundred thousand levels', `{"exports":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('with %s is refused, and nothing is loaded', async (_what, manifest) => {
    writeFileSync(join(root, 'plugin', 'package.json'), manifest);
    const host = new PluginHost();
    const error: unknown = await loadPlugin(host, './plugin', root).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe('plugin-invalid');
    expect(host.plugins()).toEqual([]);
  });
});
