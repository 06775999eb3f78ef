/**
 * Gives every plug-in the version of its package. lerna runs this between setting versions and committing them (the
 * root's `version` script). The built copy is changed with its source, so that a build made before stays true.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

for (const directory of readdirSync(packages)) {
  const manifest = join(packages, directory, 'package.json');
  if (!existsSync(manifest)) continue;
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const path of ['src/plugin.ts', 'dist/plugin.js']) {
    const file = join(packages, directory, path);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const head = new RegExp(`(?<=\\bname: '${name}',\\s*version: ')[^']*`);
    const stamped = text.replace(head, version);
    if (stamped === text) continue;
    writeFileSync(file, stamped);
    if (path.startsWith('src/')) execFileSync('git', ['add', file]);
    console.log(`${name}: ${path} says ${version}`);
  }
}
