/**
 * Declared is what is imported: a package that ships an import (of a value or of a type) depends on it, and
 * depends on nothing else; what its tests and sources import on top is a development dependency. A README's example may
 * import what its install command names (see check-manifest.ts).
 */
import { mentions, type Mentions } from './imports.js';
import { shippedDependencies, type Package, type Repository } from './packages.js';
import { developmentCode, examples, shippedCode, type Source } from './sources.js';

interface Read extends Mentions {
  readonly path: string;
}

const readAll = (sources: readonly Source[]): Read[] =>
  sources.map(({ path, text }) => ({ path, ...mentions(path, text) }));

const isNamed = (name: string, files: readonly Read[]): boolean =>
  files.some(
    ({ imported, texts }) =>
      imported.has(name) || [...texts].some((text) => text === name || text.startsWith(`${name}/`)),
  );

/** Every imported name that is not declared, with the first file that imports it. */
function undeclared(
  self: string,
  files: readonly Read[],
  declared: ReadonlySet<string>,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, imported } of files) {
    for (const name of imported) {
      if (name !== self && !declared.has(name) && !found.has(name)) found.set(name, path);
    }
  }
  return found;
}

/** @returns findings, empty when all is well */
export function checkDependencies(
  pkg: Package,
  packed: readonly string[],
  rootDevelopment: readonly string[],
): string[] {
  const { name: self, manifest } = pkg;
  const shipped = readAll(shippedCode(pkg, packed));
  const development = readAll(developmentCode(pkg));
  const shown = readAll(examples(pkg.folder));
  const runtime = Object.keys(shippedDependencies(manifest));
  const dev = Object.keys(manifest.devDependencies ?? {});
  const findings: string[] = [];
  for (const [name, path] of undeclared(self, shipped, new Set(runtime))) {
    const where = dev.includes(name) ? 'it is only a development dependency' : 'no dependency';
    findings.push(`${path} imports ${name}: ${where}`);
  }
  for (const name of runtime) {
    if (!isNamed(name, shipped))
      findings.push(`${name} is a dependency, and nothing that is shipped imports it`);
  }
  const known = new Set([...runtime, ...dev, ...rootDevelopment]);
  for (const [name, path] of undeclared(self, development, known))
    findings.push(`${path} imports ${name}: neither a dependency nor a development dependency`);
  for (const name of dev) {
    if (manifest.dependencies?.[name] !== undefined || manifest.optionalDependencies?.[name] !== undefined)
      findings.push(`${name} is a dependency and a development dependency`);
    else if (!isNamed(name, [...development, ...shown]))
      findings.push(`${name} is a development dependency, and nothing imports it`);
  }
  return findings;
}

/**
 * Ranges that would not install what was tested: other ranges for one package in two places, a range of a package of
 * this repository that is not its version, and ranges that mean something only here.
 */
export function checkRanges(pkg: Package, { packages, manifest: root }: Repository): string[] {
  const own = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));
  const findings: string[] = [];
  for (const [name, range] of Object.entries({
    ...pkg.manifest.devDependencies,
    ...shippedDependencies(pkg.manifest),
  })) {
    const version = own.get(name);
    if (version !== undefined && range !== `^${version}`)
      findings.push(`${name} is asked for as ${range}; its version here is ${version}`);
    if (/^(?:file|link|workspace|git|https?):|^\*?$|^latest$/.test(range))
      findings.push(`${name} is asked for as "${range}", which says nothing outside this repository`);
    const other = [{ name: 'the root', manifest: root }, ...packages].find(({ manifest }) => {
      const there = { ...manifest.devDependencies, ...shippedDependencies(manifest) }[name];
      return there !== undefined && there !== range;
    });
    if (other && version === undefined)
      findings.push(`${name} is asked for as ${range}, and otherwise by ${other.name}`);
  }
  return findings;
}
