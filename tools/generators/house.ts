/**
 * What every package of the house has: a manifest, a tsconfig, a licence, a place on a floor. All of it is taken from
 * a package that is there, so that a convention has one home only.
 */
import type { Tree } from '@nx/devkit';
import { InputError } from '@ligature/core';

/** Small, with nothing of its own but its sources. */
const MODEL = 'controller-random';

export interface NewPackage {
  /** Without the scope. */
  readonly name: string;
  readonly description: string;
  readonly floor: number;
  readonly keywords: readonly string[];
  /** npm names, whose version ranges are those of another package in the house. */
  readonly dependencies: readonly string[];
  readonly devDependencies?: readonly string[];
}

interface Manifest extends Record<string, unknown> {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** @throws InputError (`package-name-invalid`, `package-exists`) */
export function addPackage(tree: Tree, wanted: NewPackage): string {
  const { name, description, floor } = wanted;
  const folder = `packages/${name}`;
  const asked = `Add the package ${folder}`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new InputError('package-name-invalid', {
      asked,
      found: `"${name}" is no name of lower-case words and dashes`,
      todo: 'Give the name without the scope, such as controller-greedy',
    });
  }
  if (tree.exists(folder)) {
    throw new InputError('package-exists', { asked, found: 'it is there', todo: 'Choose another name' });
  }
  const model = JSON.parse(read(tree, 'package.json').replaceAll(MODEL, name)) as Manifest;
  const manifest = {
    ...model,
    version: '0.1.0',
    description,
    keywords: ['tensorflowjs', 'transformer', 'layer-tying', ...wanted.keywords],
    dependencies: ranges(tree, wanted.dependencies),
    devDependencies: ranges(tree, wanted.devDependencies ?? []),
    nx: { tags: [`floor:${floor}`] },
  };
  tree.write(`${folder}/package.json`, JSON.stringify(manifest, null, 2));
  for (const file of ['tsconfig.build.json', 'LICENSE']) tree.write(`${folder}/${file}`, read(tree, file));
  enterFloor(tree, name, floor);
  return folder;
}

const read = (tree: Tree, file: string): string => tree.read(`packages/${MODEL}/${file}`, 'utf8')!;

/** The ranges that are used already; our own packages are all of the first version that has what is here. */
function ranges(tree: Tree, names: readonly string[]): Record<string, string> {
  const manifests = tree
    .children('packages')
    .filter((name) => tree.exists(`packages/${name}/package.json`))
    .map((name) => JSON.parse(tree.read(`packages/${name}/package.json`, 'utf8')!) as Manifest);
  return Object.fromEntries(
    names.map((name) => {
      const found = manifests.map((one) => one.dependencies?.[name] ?? one.devDependencies?.[name]);
      const range = found.find((one) => one !== undefined);
      if (range === undefined) throw new Error(`no package of the house depends on ${name} yet`);
      return [name, range];
    }),
  );
}

/** The table of CONTRIBUTING.md, which a test compares with the tags. */
function enterFloor(tree: Tree, name: string, floor: number): void {
  const file = 'CONTRIBUTING.md';
  const text = tree.read(file, 'utf8')!;
  const row = new RegExp(`^(\\| ${floor} +\\| .*?\\S)( *\\|)$`, 'm');
  if (!row.test(text)) throw new Error(`${file} has no row for floor ${floor}`);
  tree.write(
    file,
    text.replace(row, (_, before: string, after: string) => `${before}, \`${name}\`${after}`),
  );
}
