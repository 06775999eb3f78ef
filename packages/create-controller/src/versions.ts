/**
 * Version ranges of what a new package depends on. They are those that this package itself declares and is tested
 * with, so that a release, which raises them, raises those of the template too.
 */
import { readFileSync } from 'node:fs';
import { ContractError } from '@ligature/core';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;

export const VERSION = manifest.version;

/** @throws ContractError (`template-dependency-unknown`) */
export function versionRange(dependency: string): string {
  const range = manifest.devDependencies[dependency] ?? manifest.dependencies[dependency];
  if (range !== undefined) return range;
  throw new ContractError('template-dependency-unknown', {
    asked: `Choose a version of "${dependency}" for a new package`,
    found: 'the template depends on it, but this package does not declare it',
    todo: 'Add it to the devDependencies of @ligature/create-controller',
  });
}
