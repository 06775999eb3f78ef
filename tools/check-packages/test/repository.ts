/** A repository of one faultless package in a temporary folder, for tests to spoil. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRepository, type Manifest, type Package, type Repository } from '../packages.js';

const HOME = 'https://example.org/house';

const root: Manifest & { workspaces: string[] } = {
  name: 'house',
  version: '0.0.0',
  private: true,
  license: 'MIT',
  homepage: `${HOME}#readme`,
  repository: { type: 'git', url: `git+${HOME}.git` },
  bugs: { url: `${HOME}/issues` },
  engines: { node: '>=20' },
  devDependencies: { vitest: '^4.0.0' },
  workspaces: ['packages/*'],
};

const manifest: Manifest = {
  name: '@house/good',
  version: '1.0.0',
  description: 'A package without a fault, for tests',
  keywords: ['one', 'two', 'three'],
  license: 'MIT',
  homepage: `${HOME}/tree/main/packages/good#readme`,
  repository: { type: 'git', url: `git+${HOME}.git`, directory: 'packages/good' },
  bugs: { url: `${HOME}/issues` },
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20' },
  exports: {
    '.': { '@ligature/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  files: ['dist'],
  publishConfig: { access: 'public' },
  dependencies: { zod: '^4.0.0' },
  devDependencies: { 'fast-check': '^4.0.0' },
};

const files: Readonly<Record<string, string>> = {
  LICENSE: 'MIT License\n',
  'README.md':
    "# @house/good\n\n```sh\nnpm install @house/good\n```\n\n```ts\nimport { one } from '@house/good';\nconsole.log(one);\n```\n",
  'src/index.ts': "import { z } from 'zod';\nexport const one = z.literal(1);\n",
  'dist/index.js': "import { z } from 'zod';\nexport const one = z.literal(1);\n",
  'dist/index.d.ts': "import { z } from 'zod';\nexport declare const one: z.ZodLiteral<1>;\n",
  'test/one.test.ts':
    "import { it } from 'vitest';\nimport fc from 'fast-check';\nit('is', () => void fc);\n",
};

export interface Spoiled {
  readonly manifest?: Partial<Record<keyof Manifest, unknown>>;
  /** Files to write in the package; `undefined` leaves one out. */
  readonly files?: Readonly<Record<string, string | undefined>>;
}

export interface Place {
  readonly repository: Repository;
  readonly pkg: Package;
  readonly folder: string;
  remove(): void;
}

export function makeRepository(spoiled: Spoiled = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-house-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', JSON.stringify(root));
  write('LICENSE', files['LICENSE'] as string);
  write('packages/good/package.json', JSON.stringify({ ...manifest, ...spoiled.manifest }));
  for (const [path, text] of Object.entries({ ...files, ...spoiled.files }))
    if (text !== undefined) write(`packages/good/${path}`, text);
  const repository = readRepository(folder);
  const [pkg] = repository.packages;
  if (!pkg) throw new Error('the package is not found');
  return { repository, pkg, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
