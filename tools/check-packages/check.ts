/** Everything that is checked of one package. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContents } from './check-contents.js';
import { checkDependencies, checkRanges } from './check-dependencies.js';
import { checkManifest } from './check-manifest.js';
import { checkPlugin } from './check-plugin.js';
import { lintPackage, lintTypes } from './linters.js';
import { pack, type Packed } from './pack.js';
import { shippedDependencies, type Package, type Repository } from './packages.js';

export interface Findings {
  readonly name: string;
  readonly version: string;
  /** Packed and compressed, in bytes. */
  readonly size: number;
  readonly files: number;
  readonly exports: number;
  readonly dependencies: number;
  readonly findings: readonly string[];
}

async function checkPackage(pkg: Package, packed: Packed, repository: Repository): Promise<string[]> {
  const manifest = [...checkManifest(pkg, repository), ...checkRanges(pkg, repository)];
  if (!existsSync(join(pkg.folder, 'dist'))) return ['is not built; run `npm run build`', ...manifest];
  const rootDevelopment = Object.keys(repository.manifest.devDependencies ?? {});
  return [
    ...manifest,
    ...checkDependencies(pkg, packed.files, rootDevelopment),
    ...checkContents(pkg, packed),
    ...(await checkPlugin(pkg)),
    ...(await lintPackage(packed)),
    ...(await lintTypes(packed)),
  ];
}

/** `Promise.all` of a map, with at most `limit` at work at one time: attw is a process of its own for every package. */
async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  of: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await of(item);
  };
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}

/** @param names packages to check, by name or by folder; all when empty */
export async function checkPackages(
  repository: Repository,
  names: readonly string[],
): Promise<readonly Findings[]> {
  const wanted = repository.packages.filter(
    ({ name, directory }) =>
      names.length === 0 || names.some((one) => name === one || directory === `packages/${one}`),
  );
  const folder = mkdtempSync(join(tmpdir(), 'ligature-packed-'));
  try {
    const packed = await pack(repository.root, wanted, folder);
    return await mapLimited(wanted, availableParallelism(), async (pkg) => {
      const its = packed.get(pkg.name);
      if (!its) throw new Error(`npm did not pack ${pkg.name}`);
      return {
        name: pkg.name,
        version: pkg.manifest.version,
        size: its.size,
        files: its.files.length,
        exports: Object.keys(pkg.manifest.exports ?? {}).length,
        dependencies: Object.keys(shippedDependencies(pkg.manifest)).length,
        findings: await checkPackage(pkg, its, repository),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
