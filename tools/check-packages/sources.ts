/** The files of a package by their part: what it ships, what only develops it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Package } from './packages.js';

export interface Source {
  /** Path inside the package, with `/`. */
  readonly path: string;
  readonly text: string;
}

const CODE = /\.(?:[cm]?[jt]s)$/;
/** Folders that hold other people's code, or code that is meant to be wrong. */
const FOREIGN = new Set(['node_modules', 'fixtures', 'dist']);

function filesBelow(folder: string, skip: ReadonlySet<string>): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return skip.has(entry.name) ? [] : filesBelow(join(folder, entry.name), skip);
    return [join(folder, entry.name)];
  });
}

const read = (folder: string, paths: readonly string[]): Source[] =>
  paths.map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

/** Code that runs, or is read by a compiler, where the package is installed: what lies in `dist` and `bin`. */
export function shippedCode({ folder }: Package, packed: readonly string[]): Source[] {
  return read(
    folder,
    packed.filter((path) => /^(?:dist|bin)\//.test(path) && CODE.test(path)),
  );
}

/** Sources and tests. Folders that are shipped as they are, such as templates, are data. */
export function developmentCode({ folder, manifest }: Package): Source[] {
  const skip = new Set([...FOREIGN, ...(manifest.files ?? [])]);
  const paths = filesBelow(folder, skip)
    .filter((path) => CODE.test(path))
    .map((path) => relative(folder, path).split(sep).join('/'));
  return read(folder, paths);
}

/** The TypeScript and JavaScript blocks of a README. */
export function examples(folder: string): Source[] {
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) return [];
  const blocks = readFileSync(readme, 'utf8').matchAll(/^```(?:ts|js)\n(?<code>.*?)^```/gms);
  return [...blocks].map(({ groups }) => ({ path: 'README.ts', text: groups?.['code'] ?? '' }));
}
