/** What is in the package: everything that its maps promise, nothing that no user needs, nothing left over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Packed } from './pack.js';
import type { Package } from './packages.js';

/** The private condition under which this repository's own tests and tools run on sources. */
export const SOURCE_CONDITION = '@ligature/source';
/** Largest package in kilobytes, compressed. Growing beyond it is worth a word in review. */
const MOST_KILOBYTES = 150;
/** Those that had their word: a whole book, compressed, and datasets of nine formats; ten studies, each with its statistics, charts and pages. */
const LARGER: Readonly<Record<string, number>> = { '@ligature/datasets': 500, '@ligature/studies': 200 };
const ALWAYS = new Set(['package.json', 'README.md', 'LICENSE']);
const NEEDLESS =
  /(?:^|\/)(?:test|tests|__tests__|fixtures)\/|\.(?:test|bench)\.|\.map$|\.tsbuildinfo$|(?:^|\/)\.[^/]+$/;

const inside = (target: string): string => target.replace(/^\.\//, '');

/** @returns findings, empty when all is well */
export function checkContents(pkg: Package, { files, size }: Packed): string[] {
  const { manifest, folder } = pkg;
  const has = new Set(files);
  const findings = [...checkExports(pkg, has), ...checkBin(pkg, has)];
  for (const name of ALWAYS) if (!has.has(name)) findings.push(`${name} is not packed`);
  const data = (manifest.files ?? []).filter((entry) => entry !== 'dist' && entry !== 'bin');
  for (const path of files) {
    const [top = ''] = path.split('/');
    // A folder of templates is data: it may hold tests and dot files, which are the point of it.
    if (data.includes(top) || ALWAYS.has(path)) continue;
    if (NEEDLESS.test(path)) findings.push(`${path} is packed, and nobody needs it`);
    const source = /^dist\/(?<stem>.*?)(?:\.d)?\.(?<kind>[cm]?[jt]s)$/.exec(path)?.groups;
    if (!source) continue;
    const from = join(folder, 'src', `${source['stem']}.${source['kind']?.replace('j', 't')}`);
    if (!existsSync(from)) findings.push(`${path} is left over from a file that is gone; build again`);
  }
  const kilobytes = size / 1000;
  const most = LARGER[pkg.name] ?? MOST_KILOBYTES;
  if (kilobytes > most) findings.push(`${kilobytes.toFixed(1)} kB packed, more than ${most} kB`);
  return findings;
}

function checkExports({ manifest, folder }: Package, has: ReadonlySet<string>): string[] {
  const { exports } = manifest;
  if (exports === undefined) return ['no exports'];
  const findings: string[] = [];
  if (exports['./package.json'] !== './package.json') findings.push('exports has no ./package.json');
  if (exports['.'] === undefined) findings.push('exports has no "."');
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') {
      if (!has.has(inside(target))) findings.push(`exports["${path}"] names ${target}, which is not packed`);
      continue;
    }
    const conditions = Object.keys(target);
    if (conditions.join() !== [SOURCE_CONDITION, 'types', 'default'].join())
      findings.push(`exports["${path}"] has the conditions ${conditions.join()}`);
    for (const [condition, file] of Object.entries(target)) {
      const there = condition === SOURCE_CONDITION ? existsSync(join(folder, file)) : has.has(inside(file));
      if (!there) findings.push(`exports["${path}"] names ${file} for ${condition}, which is missing`);
    }
  }
  return findings;
}

function checkBin({ manifest }: Package, has: ReadonlySet<string>): string[] {
  return Object.entries(manifest.bin ?? {})
    .filter(([, file]) => !has.has(inside(file)))
    .map(([name, file]) => `bin.${name} names ${file}, which is not packed`);
}
