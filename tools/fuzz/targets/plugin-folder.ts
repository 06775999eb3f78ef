/** The package.json of a plug-in that the user named: it may be nonsense, and need not lead to any code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginHost } from '@ligature/core';
import { loadPlugin } from '@ligature/core/node';
import * as fc from 'fast-check';
import { jsonFile } from '../generate/json.js';
import { CODE_MARK } from '../judge.js';
import { defineTarget } from '../target.js';

const MANIFESTS = [
  { name: 'some-plugin', version: '1.0.0', type: 'module', main: 'index.js' },
  { name: 'some-plugin', version: '1.0.0', exports: { '.': { import: './index.js' } } },
  { name: 'some-plugin', main: '../outside/evil.mjs' },
  { name: '../outside', exports: '../outside/evil.mjs' },
];

export const pluginFolder = defineTarget({
  name: 'plugin-folder',
  reads: 'the package.json of a plug-in given by its folder',
  input: fc.tuple(jsonFile(MANIFESTS), fc.constantFrom('.', './', './package.json', '../folder')),
  prepare([bytes, specifier], { folder, outside }) {
    writeFileSync(join(folder, 'package.json'), bytes);
    writeFileSync(join(outside, 'evil.mjs'), `globalThis.${CODE_MARK} = true;\n`);
    return async () => {
      await loadPlugin(new PluginHost(), specifier, folder);
    };
  },
});
