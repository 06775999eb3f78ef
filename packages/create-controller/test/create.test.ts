import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createControllerPackage, parsePackageName, templateFiles } from '../src/index.js';
import { writeWhole } from '../src/write-whole.js';
import { emptyFolder } from './folder.js';

const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

interface Manifest {
  name: string;
  description: string;
  author?: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

const filesOf = (values: { name: string; summary?: string; author?: string }): Record<string, string> =>
  templateFiles({ ...values, name: parsePackageName(values.name) });
const manifestOf = (files: Record<string, string>): Manifest =>
  JSON.parse(files['package.json']!) as Manifest;

/** What a file of TypeScript says the summary is. */
function summaryIn(source: string): unknown {
  const literal = /^\s*summary: (.*),$/m.exec(source)?.[1];
  return new Function(`return ${literal}`)() as unknown;
}

describe('a new package', () => {
  it('is a folder with these files', () => {
    const cwd = emptyFolder();
    const { folder, controller, files } = createControllerPackage({ name: 'my-controller', cwd });
    expect(files).toEqual([
      '.github/workflows/ci.yml',
      '.gitignore',
      'LICENSE',
      'README.md',
      'package.json',
      'src/index.ts',
      'src/tie-and-take-back.ts',
      'test/contract.test.ts',
      'test/rule.test.ts',
      'test/world.ts',
      'tsconfig.build.json',
      'tsconfig.json',
    ]);
    expect({ folder, controller }).toEqual({
      folder: join(cwd, 'my-controller'),
      controller: 'my-controller',
    });
    for (const file of files) expect(existsSync(join(folder, file)), file).toBe(true);
    // Nothing else is left behind.
    expect(readdirSync(cwd)).toEqual(['my-controller']);
    expect(readdirSync(folder)).toHaveLength(9);
  });

  it('has the given name everywhere, with its scope where npm wants it', () => {
    const files = filesOf({ name: '@ada/first-things-first' });
    for (const [path, text] of Object.entries(files)) {
      expect(text, path).not.toMatch(/my-controller|@example/);
    }
    expect(manifestOf(files).name).toBe('@ada/first-things-first');
    expect(files['src/index.ts']).toContain("name: '@ada/first-things-first'");
    expect(files['src/index.ts']).toContain("'first-things-first': defineController");
    expect(files['README.md']).toContain('npm install @ligature/cli @ligature/core @ada/first-things-first');
    expect(files['README.md']).toContain('--controllers none,random,first-things-first');
    expect(files['LICENSE']).toContain('Copyright (c) The first-things-first authors\n');
  });

  it('depends on what this package is tested with', () => {
    const { scripts, dependencies, devDependencies, peerDependencies } = manifestOf(filesOf({ name: 'x' }));
    const declared = { ...own.devDependencies, ...own.dependencies };
    const wanted = { ...dependencies, ...devDependencies, ...peerDependencies };
    expect(Object.keys(wanted).sort()).toEqual([
      '@ligature/core',
      '@ligature/testing',
      '@types/node',
      'tsx',
      'typescript',
      'zod',
    ]);
    for (const [name, range] of Object.entries(wanted)) expect(range, name).toBe(declared[name]);
    expect(scripts['train']).toContain(`"@ligature/cli@${declared['@ligature/cli']}" train`);
    expect(JSON.stringify({ scripts, wanted })).not.toContain('*"');
  });

  it('names its author', () => {
    const files = filesOf({ name: 'x', author: 'Ada Lovelace <ada@example.org>' });
    expect(manifestOf(files).author).toBe('Ada Lovelace <ada@example.org>');
    expect(files['LICENSE']).toContain('Copyright (c) Ada Lovelace\n');
    expect(manifestOf(filesOf({ name: 'x' }))).not.toHaveProperty('author');
  });

  it('says what it does, whatever characters that takes', () => {
    const line = fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 60 });
    const special = fc.constantFrom(
      '$&',
      "it's",
      'a "quoted" one',
      'back\\slash',
      '`${1}`',
      'my-controller',
      '@ligature/x@*',
    );
    fc.assert(
      fc.property(fc.oneof(line, special), fc.oneof(line, special), (summary, author) => {
        fc.pre(
          summary.trim() !== '' && author.trim() !== '' && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(summary + author),
        );
        const files = filesOf({ name: 'greedy', summary, author });
        expect(summaryIn(files['src/index.ts']!)).toBe(summary);
        expect(manifestOf(files)).toMatchObject({ name: 'greedy', description: summary, author });
        expect(files['README.md']).toContain(`# greedy\n\n${summary}.\n`);
      }),
    );
  });
});

describe('what is refused', () => {
  const code = (wanted: { name: string; summary?: string; author?: string }): unknown => {
    try {
      return createControllerPackage({ ...wanted, dryRun: true, cwd: emptyFolder() });
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as InputError).code;
    }
  };

  it.each(['', ' ', 'My-Controller', '.hidden', '_x', 'a b', '../up', 'a/b', '@me/', 'node_modules', 'fs'])(
    'the name %j, which npm would refuse',
    (name) => expect(code({ name })).toBe('package-name-invalid'),
  );

  it.each(['0-0-2', '@me/7'])('the name %j, which the command would read as a map', (name) =>
    expect(code({ name })).toBe('package-name-invalid'),
  );

  it.each(['random', '@me/q-learning'])('the name %j, which Ligature has itself', (name) =>
    expect(code({ name })).toBe('controller-name-taken'),
  );

  it('a summary or an author of several lines, or a very long one', () => {
    expect(code({ name: 'x', summary: 'one\ntwo' })).toBe('text-invalid');
    expect(code({ name: 'x', summary: 'x'.repeat(201) })).toBe('text-invalid');
    expect(code({ name: 'x', author: 'a\u2028b' })).toBe('text-invalid');
  });
});

describe('writing', () => {
  it.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a file', (path: string) => writeFileSync(path, 'mine')],
    ['a link to nowhere', (path: string) => symlinkSync('nowhere', path)],
  ])('leaves %s of that name alone', (_what, make) => {
    const cwd = emptyFolder();
    make(join(cwd, 'mine'));
    expect(() => createControllerPackage({ name: 'mine', cwd })).toThrow(
      expect.objectContaining({ code: 'folder-exists' }),
    );
    expect(readdirSync(cwd)).toEqual(['mine']);
  });

  it('says when it cannot write', () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'file'), '');
    for (const where of ['file', 'absent']) {
      expect(() => createControllerPackage({ name: 'mine', cwd: join(cwd, where) })).toThrow(
        expect.objectContaining({ code: 'folder-not-writable' }),
      );
    }
  });

  it('leaves nothing behind when it fails half-way', () => {
    const cwd = emptyFolder();
    expect(() => writeWhole(join(cwd, 'mine'), { first: 'written', 'first/second': 'cannot be' })).toThrow();
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('touches nothing in a dry run', () => {
    const cwd = emptyFolder();
    const dry = createControllerPackage({ name: 'mine', cwd, dryRun: true });
    expect(readdirSync(cwd)).toEqual([]);
    expect(createControllerPackage({ name: 'mine', cwd })).toEqual(dry);
  });
});
