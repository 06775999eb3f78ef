/** The packages of this repository, as their package.json describes them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Dependencies = Readonly<Record<string, string>>;

/** The fields of a package.json that are looked at here; all of them are checked, so all may be missing. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly homepage?: string;
  readonly bugs?: { readonly url?: string };
  readonly repository?: { readonly type?: string; readonly url?: string; readonly directory?: string };
  readonly engines?: { readonly node?: string };
  readonly publishConfig?: { readonly access?: string };
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

export interface Package {
  readonly name: string;
  /** Relative to the root of the repository, with `/`. */
  readonly directory: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Repository {
  readonly root: string;
  readonly manifest: Manifest;
  readonly packages: readonly Package[];
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Every package that is not private, by folder name. */
export function readRepository(root: string): Repository {
  const packages = readdirSync(join(root, 'packages'))
    .sort()
    .map((directory) => ({ directory: `packages/${directory}`, folder: join(root, 'packages', directory) }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')))
    .map((place) => {
      const manifest = readManifest(place.folder);
      return { ...place, name: manifest.name, manifest };
    })
    .filter(({ manifest }) => manifest.private !== true);
  return { root, manifest: readManifest(root), packages };
}

/** What an installed package may import: dependencies of every kind but those of development. */
export const shippedDependencies = (manifest: Manifest): Dependencies => ({
  ...manifest.peerDependencies,
  ...manifest.optionalDependencies,
  ...manifest.dependencies,
});
