/** Every check finds what it is for, in a package that is otherwise faultless. */
import { afterEach, describe, expect, it } from 'vitest';
import { checkPackages } from '../check.js';
import { checkContents } from '../check-contents.js';
import { checkDependencies, checkRanges } from '../check-dependencies.js';
import { checkManifest } from '../check-manifest.js';
import { checkPlugin } from '../check-plugin.js';
import { makeRepository, type Place, type Spoiled } from './repository.js';

const places: Place[] = [];
afterEach(() => places.splice(0).forEach((place) => place.remove()));
function make(spoiled?: Spoiled): Place {
  const place = makeRepository(spoiled);
  places.push(place);
  return place;
}

const PACKED = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'];
const exported = {
  '@ligature/source': './src/index.ts',
  types: './dist/index.d.ts',
  default: './dist/index.js',
};

describe('dependencies', () => {
  const check = (spoiled?: Spoiled, packed = PACKED): string[] => {
    const { pkg, repository } = make(spoiled);
    return [...checkDependencies(pkg, packed, ['vitest']), ...checkRanges(pkg, repository)];
  };
  it('finds nothing in a faultless package', () => expect(check()).toEqual([]));
  it.each<[what: string, Spoiled, finding: string]>([
    [
      'an import without a dependency',
      { manifest: { dependencies: {} }, files: { 'src/index.ts': 'export {};' } },
      'dist/index.js imports zod: no dependency',
    ],
    [
      'a type of a development dependency in what is shipped',
      { files: { 'dist/index.d.ts': "export type { Arbitrary } from 'fast-check';" } },
      'dist/index.d.ts imports fast-check: it is only a development dependency',
    ],
    [
      'a type imported in place',
      { files: { 'dist/index.d.ts': "export declare const one: import('rxjs/operators').Thing;" } },
      'dist/index.d.ts imports rxjs: no dependency',
    ],
    [
      'a module that is required through a name',
      {
        files: {
          'dist/index.js':
            "import { createRequire } from 'node:module';\nimport 'zod';\nconst load = createRequire(import.meta.url);\nload.resolve(NAME);\nconst NAME = 'left-pad';",
        },
      },
      'dist/index.js imports left-pad: no dependency',
    ],
    [
      'a dependency that nothing uses',
      { manifest: { dependencies: { zod: '^4.0.0', rxjs: '^7.0.0' } } },
      'rxjs is a dependency, and nothing that is shipped imports it',
    ],
    [
      'a dependency that only tests use',
      { manifest: { dependencies: { zod: '^4.0.0', 'fast-check': '^4.0.0' }, devDependencies: {} } },
      'fast-check is a dependency, and nothing that is shipped imports it',
    ],
    [
      'a development dependency that nothing uses',
      { manifest: { devDependencies: { 'fast-check': '^4.0.0', jasmine: '^5.0.0' } } },
      'jasmine is a development dependency, and nothing imports it',
    ],
    [
      'a test that imports what is not declared',
      { files: { 'test/two.test.ts': "import 'jasmine';" } },
      'test/two.test.ts imports jasmine: neither a dependency nor a development dependency',
    ],
    [
      'a range that means something only here',
      { manifest: { dependencies: { zod: 'workspace:*' } } },
      'zod is asked for as "workspace:*", which says nothing outside this repository',
    ],
    [
      'two ranges for one package',
      {
        manifest: { devDependencies: { 'fast-check': '^4.0.0', vitest: '^3.0.0' } },
        files: { 'test/two.test.ts': "import 'vitest';" },
      },
      'vitest is asked for as ^3.0.0, and otherwise by the root',
    ],
  ])('finds %s', (_, spoiled, finding) => expect(check(spoiled)).toEqual([finding]));

  it('takes a name in data for a use, and no module of Node for a dependency', () => {
    const js = "import 'node:fs';\nimport 'path';\nexport const names = ['zod/v4'];";
    expect(check({ files: { 'dist/index.js': js, 'dist/index.d.ts': 'export {};' } })).toEqual([]);
  });
});

describe('package.json and texts', () => {
  const check = (spoiled?: Spoiled): string[] => {
    const { pkg, repository } = make(spoiled);
    return checkManifest(pkg, repository);
  };
  it('finds nothing in a faultless package', () => expect(check()).toEqual([]));
  it('finds the entries that the README mentions', () => {
    const exports = { '.': exported, './node': exported, './package.json': './package.json' };
    const readme =
      '# @house/good\n\n`@house/good/node` reads files.\n\n```sh\nnpm install @house/good\n```\n';
    expect(check({ manifest: { exports }, files: { 'README.md': readme } })).toEqual([]);
  });
  it('reads an install command with a setting before it', () => {
    const readme = '# @house/good\n\n```sh\nSETTING=skip npm install @house/good\n```\n';
    expect(check({ files: { 'README.md': readme } })).toEqual([]);
  });
  it.each<[what: string, Spoiled, finding: RegExp]>([
    ['another licence', { manifest: { license: 'ISC' } }, /^license is "ISC" instead of "MIT"$/],
    ['no engines', { manifest: { engines: undefined } }, /^engines\.node is undefined/],
    [
      'the folder of another package',
      {
        manifest: {
          repository: { type: 'git', url: 'git+https://example.org/house.git', directory: 'packages/other' },
        },
      },
      /^repository\.directory/,
    ],
    ['a private scope', { manifest: { publishConfig: undefined } }, /^publishConfig\.access/],
    ['too few keywords', { manifest: { keywords: ['one'] } }, /keywords/],
    ['an empty description', { manifest: { description: '' } }, /description/],
    ['a missing licence text', { files: { LICENSE: undefined } }, /^no LICENSE$/],
    ['a changed licence text', { files: { LICENSE: 'Mine.' } }, /^LICENSE differs/],
    ['a missing README', { files: { 'README.md': undefined } }, /^no README\.md$/],
    [
      'an entry that nobody is told of',
      { manifest: { exports: { '.': exported, './node': exported, './package.json': './package.json' } } },
      /^README\.md does not mention the entry @house\/good\/node$/,
    ],
    [
      'an example that needs more than the install command brings',
      {
        files: {
          'README.md':
            "# @house/good\n\n```sh\nnpm install @house/good\n```\n\n```ts\nimport { z } from 'zod';\n```\n",
        },
      },
      /^README\.md has no install command with zod, which its example needs$/,
    ],
    [
      'an import for effects that a bundler would drop',
      {
        files: {
          'README.md':
            "# @house/good\n\n```sh\nnpm install @house/good\n```\n\n```ts\nimport '@house/good';\n```\n",
        },
      },
      /sideEffects is false/,
    ],
  ])('finds %s', (_, spoiled, finding) => expect(check(spoiled)).toEqual([expect.stringMatching(finding)]));
});

describe('contents', () => {
  const check = (spoiled: Spoiled, packed: readonly string[] = PACKED, size = 1000): string[] =>
    checkContents(make(spoiled).pkg, { tarball: '', size, files: packed });
  it('finds nothing in a faultless package', () => expect(check({})).toEqual([]));
  it('finds an export that is not packed', () => {
    const manifest = {
      exports: {
        '.': exported,
        './more': { ...exported, default: './dist/more.js' },
        './package.json': './package.json',
      },
    };
    expect(check({ manifest })).toEqual([
      'exports["./more"] names ./dist/more.js for default, which is missing',
    ]);
  });
  it('finds a source that is not there, and conditions in an order that hides types', () => {
    const { types, ...others } = exported;
    const manifest = {
      exports: {
        '.': { ...others, '@ligature/source': './src/gone.ts', types },
        './package.json': './package.json',
      },
    };
    expect(check({ manifest })).toEqual([
      'exports["."] has the conditions @ligature/source,default,types',
      'exports["."] names ./src/gone.ts for @ligature/source, which is missing',
    ]);
  });
  it('finds a command that is not packed', () =>
    expect(check({ manifest: { bin: { good: 'bin/good.js' } } })).toEqual([
      'bin.good names bin/good.js, which is not packed',
    ]));
  it('finds what is left of a file that is gone', () =>
    expect(check({}, [...PACKED, 'dist/old.js'])).toEqual([
      expect.stringMatching(/^dist\/old\.js is left over/),
    ]));
  it.each(['dist/index.js.map', 'dist/test/one.js', '.eslintrc'])('finds %s needless', (path) =>
    expect(check({}, [...PACKED, path])).toContain(`${path} is packed, and nobody needs it`),
  );
  it('lets a folder of templates hold what it likes', () =>
    expect(
      check({ manifest: { files: ['dist', 'template'] } }, [
        ...PACKED,
        'template/test/a.test.ts',
        'template/.npmrc',
      ]),
    ).toEqual([]));
  it('finds a package that has grown', () =>
    expect(check({}, PACKED, 10e6)).toEqual([expect.stringMatching(/^10000\.0 kB packed/)]));
});

describe('plug-ins', () => {
  const check = (js: string): Promise<string[]> => checkPlugin(make({ files: { 'dist/index.js': js } }).pkg);
  const plugin = (version: string): string =>
    `export const plugin = { name: '@house/good', version: '${version}' };`;
  it('finds nothing in a faultless one, nor in a package that is none', async () => {
    expect(await check(`${plugin('1.0.0')} export default plugin;`)).toEqual([]);
    expect(await check('export const one = 1;')).toEqual([]);
  });
  it('finds a version that a release forgot, a missing default export, and a module that throws', async () => {
    expect(await check(`${plugin('0.9.0')} export default plugin;`)).toEqual([
      'its plug-in says it is version 0.9.0; the package is 1.0.0',
    ]);
    expect(await check(plugin('1.0.0'))).toEqual([
      'its plug-in is not both the export `plugin` and the default export',
    ]);
    expect(await check("throw new Error('no luck');")).toEqual(['importing ./dist/index.js failed: no luck']);
  });
});

describe('a packed package', () => {
  it('passes or fails as a whole, publint and attw included', async () => {
    // zod is resolved from nowhere here, so the entry is left without imports.
    const plain = {
      'src/index.ts': 'export const one = 1;',
      'dist/index.js': 'export const one = 1;',
      'dist/index.d.ts': 'export declare const one = 1;',
    };
    const { repository } = make({ files: plain, manifest: { dependencies: {} } });
    const [good] = await checkPackages(repository, []);
    expect(good).toMatchObject({ name: '@house/good', files: 5, exports: 2, dependencies: 0, findings: [] });
    expect(await checkPackages(repository, ['bad'])).toEqual([]);

    const cjs = { ...plain, 'dist/index.js': 'module.exports.one = 1;' };
    const broken = make({
      files: { ...cjs, 'dist/index.d.ts': "export * from './gone.js';" },
      manifest: { dependencies: {} },
    });
    const [bad] = await checkPackages(broken.repository, ['good']);
    expect(bad?.findings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^publint: .*CJS/),
        expect.stringMatching(/^attw: .*internal resolution error/i),
      ]),
    );
  });
});
