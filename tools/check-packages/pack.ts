/** Packs packages as `npm publish` would, without running anybody's scripts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Package } from './packages.js';

export interface Packed {
  readonly tarball: string;
  /** Compressed, in bytes. */
  readonly size: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

interface PackOutput {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** @returns what was packed by package name; the tarballs lie in `into` */
export async function pack(
  root: string,
  packages: readonly Package[],
  into: string,
): Promise<ReadonlyMap<string, Packed>> {
  const workspaces = packages.flatMap(({ name }) => ['--workspace', name]);
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', into, ...workspaces],
    { cwd: root, maxBuffer: 2 ** 26, shell: process.platform === 'win32' },
  );
  return new Map(
    (JSON.parse(stdout) as PackOutput[]).map(({ name, filename, size, files }) => [
      name,
      // Older npm versions write the name of a scoped package's tarball with a slash.
      {
        tarball: join(into, filename.replace('@', '').replace('/', '-')),
        size,
        files: files.map(({ path }) => path),
      },
    ]),
  );
}
