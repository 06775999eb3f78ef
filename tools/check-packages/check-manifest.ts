/** The fields of package.json and the texts that a stranger sees first. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mentions } from './imports.js';
import type { Package, Repository } from './packages.js';
import { examples } from './sources.js';

/** @returns findings, empty when all is well */
export function checkManifest(pkg: Package, { root, manifest: house }: Repository): string[] {
  const { manifest, directory } = pkg;
  const wanted: [field: string, found: unknown, expected: unknown][] = [
    ['license', manifest.license, house.license],
    ['type', manifest.type, 'module'],
    ['engines.node', manifest.engines?.node, house.engines?.node],
    ['publishConfig.access', manifest.publishConfig?.access, 'public'],
    ['repository.type', manifest.repository?.type, 'git'],
    ['repository.url', manifest.repository?.url, house.repository?.url],
    ['repository.directory', manifest.repository?.directory, directory],
    ['homepage', manifest.homepage, `${house.homepage?.replace(/#.*/, '')}/tree/main/${directory}#readme`],
    ['bugs.url', manifest.bugs?.url, house.bugs?.url],
  ];
  const findings = wanted
    .filter(([, found, expected]) => expected === undefined || found !== expected)
    .map(
      ([field, found, expected]) =>
        `${field} is ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`,
    );
  if ((manifest.description ?? '').length < 20) findings.push('description says nothing');
  if ((manifest.keywords ?? []).length < 3) findings.push('fewer than three keywords');
  if (manifest.sideEffects === undefined)
    findings.push('sideEffects is not declared, so bundlers keep everything');
  return [...findings, ...checkTexts(pkg, root)];
}

function checkTexts({ name, folder, manifest }: Package, root: string): string[] {
  const findings: string[] = [];
  const license = join(folder, 'LICENSE');
  if (!existsSync(license)) findings.push('no LICENSE');
  else if (readFileSync(license, 'utf8') !== readFileSync(join(root, 'LICENSE'), 'utf8'))
    findings.push("LICENSE differs from the repository's");
  const file = join(folder, 'README.md');
  if (!existsSync(file)) return [...findings, 'no README.md'];
  const readme = readFileSync(file, 'utf8');
  if (!readme.startsWith(`# ${name}\n`)) findings.push(`README.md does not begin with "# ${name}"`);
  const [first] = examples(folder);
  const needed = first ? mentions(first.path, first.text).imported : [];
  // `npm create @scope/x` is how npm installs and runs `@scope/create-x`.
  const commands = [...readme.matchAll(/^(?:[A-Z_]+=\S+ )*(?:npm install|npm create|npx) .*/gm)]
    .join(' ')
    .replace(/@latest\b/g, '');
  const installed = new Set(commands.replace(/(?<=create @[^/ ]+\/)/g, 'create-').split(' '));
  for (const one of new Set([name, ...needed])) {
    if (!installed.has(one))
      findings.push(`README.md has no install command with ${one}, which its example needs`);
  }
  for (const path of Object.keys(manifest.exports ?? {})) {
    const specifier = path.replace(/^\./, name);
    // Whole: `@scope/x` is in `@scope/x/node`, too.
    const said = readme.split(/[^\w@/.-]+/).some((word) => word.replace(/\.$/, '') === specifier);
    if (path !== './package.json' && !said)
      findings.push(`README.md does not mention the entry ${specifier}`);
  }
  const forEffect = examples(folder).some(({ path, text }) => mentions(path, text).bare.has(name));
  if (forEffect && manifest.sideEffects === false)
    findings.push(
      'README.md imports it for its effects, and sideEffects is false: a bundler drops the import',
    );
  return findings;
}
