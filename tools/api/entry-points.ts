/** The ways into a package: every path of its `exports` that has types. */
import { join } from 'node:path';
import type { Package } from '../check-packages/packages.js';

export interface EntryPoint {
  readonly pkg: Package;
  /** What is written in an import: `@ligature/weight-sharing/schemes`. */
  readonly specifier: string;
  readonly types: string;
  /** File name of its report: `weight-sharing.schemes.api.md`. */
  readonly report: string;
}

export function entryPoints(pkg: Package): EntryPoint[] {
  return Object.entries(pkg.manifest.exports ?? {}).flatMap(([path, target]) => {
    if (typeof target === 'string' || target['types'] === undefined) return [];
    const stem = [pkg.directory, ...path.split('/')].flatMap((part) => part.split('/')).slice(1);
    return {
      pkg,
      specifier: path.replace(/^\./, pkg.name),
      types: join(pkg.folder, target['types']),
      report: `${stem.filter((part) => part !== '.').join('.')}.api.md`,
    };
  });
}
