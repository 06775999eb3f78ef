import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createRandomStream,
  createRunContainer,
  defineController,
  definePlugin,
  InputError,
  nearestName,
  PluginHost,
} from '../src/index.js';
import { loadPlugin } from '../src/node/index.js';

const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));

const toy = definePlugin({
  name: 'toy',
  version: '1.0.0',
  controllers: {
    'fixed-source': defineController({
      meta: {
        summary: 'Ties every layer to one source',
        options: z.strictObject({ source: z.number().int().min(0).default(0) }),
      },
      // The type of `options` comes from the schema: a misspelt field would not compile.
      create: (options, { layers }) => ({
        initial: () => Array.from({ length: layers }, (_, layer) => Math.min(layer, options.source)),
        snapshot: () => null,
        restore: () => undefined,
      }),
    }),
  },
});

const context = {
  layers: 3,
  seed: 1,
  random: createRandomStream(1, 'policy'),
  get: createRunContainer().get,
};

describe('plug-in host', () => {
  it('makes entries from validated options with defaults filled in', async () => {
    const host = new PluginHost().register(toy);
    const tied = await host.create('controllers', 'fixed-source', undefined, context);
    expect(tied.initial?.(3)).toEqual([0, 0, 0]);
    const other = await host.create('controllers', 'fixed-source', { source: 1 }, context);
    expect(other.initial?.(3)).toEqual([0, 1, 1]);
  });

  it('answers an unknown name with the known ones and the nearest', () => {
    const host = new PluginHost().register(toy);
    expect(() => host.entry('controllers', 'fixed-sorce')).toThrow(
      'Use the controller "fixed-sorce": there is no controller of that name; known: fixed-source. Did you mean "fixed-source"? Otherwise add its plug-in to --plugins',
    );
    expect(nearestName('q-lerning', ['random', 'q-learning'])).toBe('q-learning');
    expect(nearestName('zzz', ['random', 'q-learning'])).toBeUndefined();
  });

  it('answers wrong options with every finding', () => {
    const host = new PluginHost().register(toy);
    expect(() => host.options('controllers', 'fixed-source', { source: -1, sauce: 2 })).toThrow(InputError);
    expect(() => host.options('controllers', 'fixed-source', { source: -1, sauce: 2 })).toThrow(
      /source must be at least 0, not -1; there is no option "sauce" \(did you mean "source"\?\)/,
    );
  });

  it('refuses two plug-ins with one name for a thing', () => {
    const host = new PluginHost().register(toy);
    expect(() => host.register({ ...toy, name: 'copy' })).toThrow(/"toy" offers one of that name/);
  });

  it('loads a file, and a package folder through its exports', async () => {
    const host = new PluginHost();
    await loadPlugin(host, './file-plugin.mjs', fixtures);
    await loadPlugin(host, './folder-plugin', fixtures);
    // Again, by another spelling: nothing happens.
    await loadPlugin(host, './folder-plugin/../file-plugin.mjs', fixtures);
    expect(host.plugins().map(({ name }) => name)).toEqual(['file-plugin', 'folder-plugin']);
    expect(host.names('controllers')).toEqual(['lonely']);
  });

  it.each([
    ['./missing.mjs', 'plugin-not-found'],
    ['no-such-package-here', 'plugin-not-found'],
    ['./broken/throws.mjs', 'plugin-failed'],
    ['./broken/half.mjs', 'plugin-invalid'],
  ])('refuses %s with %s', async (specifier, code) => {
    const error: unknown = await loadPlugin(new PluginHost(), specifier, fixtures).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe(code);
  });

  it.each([
    ['./file-plugn.mjs', /^there is no such file or folder, seen from /, 'Did you mean "./file-plugin.mjs"?'],
    ['./broken/zzzzzzzzzzzz', /^there is no such file or folder, seen from /, 'Check the path'],
    [
      './unbuilt-plugin',
      /^its entry file unbuilt-plugin[\\/]lib[\\/]index\.mjs does not exist$/,
      'Run `npm run build` in ./unbuilt-plugin',
    ],
    [
      './broken/named.mjs',
      /^broken[\\/]named\.mjs has no default export; it exports controllers$/,
      'Add `export default definePlugin({ name, version, controllers: { … } })`',
    ],
    [
      'no-such-package-here',
      /^neither a file nor an installed package of that name/,
      'Check the name, or run `npm install no-such-package-here` there',
    ],
  ])('says of %s what is wrong, and what to do', async (specifier, found, todo) => {
    const error: unknown = await loadPlugin(new PluginHost(), specifier, fixtures).catch(
      (thrown: unknown) => thrown,
    );
    const { parts } = error as InputError;
    expect(parts.asked).toBe(`Load the plug-in "${specifier}"`);
    expect(parts.found).toMatch(found);
    expect(parts.todo).toBe(todo);
  });
});
