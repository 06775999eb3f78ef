/** Which Markdown files are pages of the site, in which part of its navigation and in which order. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly title: string;
  readonly part: string;
}

/** The order in which somebody who is new reads them; the others follow by name. */
const GUIDES = [
  ...[
    'first-run',
    'concepts',
    'read-a-report',
    'dashboard',
    'tensorboard',
    'compare-honestly',
    'sweep',
    'choose-a-backend',
  ],
  ...[
    'bring-your-own-data',
    'write-a-controller',
    'write-a-reward',
    'add-an-architecture',
    'add-a-task',
    'optimizers-and-adapters',
    'studies-and-executors',
    'contract-suites',
  ],
].map((name) => `docs/guides/${name}.md`);

/** Parts of the navigation; the first whose pattern fits takes a page. */
export const PARTS: readonly (readonly [name: string, pages: RegExp])[] = [
  ['Guides', /^(docs\/guides\/|examples\/[^/]+\/README\.md$)/],
  ['Controllers', /^docs\/controllers\//],
  ['Experiments', /^docs\/experiments\//],
  [
    'Measurements',
    /^(docs\/reliability|packages\/backend-onnxruntime\/CONFORMANCE|tools\/parity\/README)\.md$/,
  ],
  ['Contributing', /^(CONTRIBUTING|docs\/[^/]+)\.md$/],
  ['Decisions', /^docs\/decisions\//],
];
/** The part of the API reference. */
export const PACKAGES = 'Packages';

/** All Markdown files that are or will be committed, but for what programs write and templates hold. */
export function markdownFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const generated = /(^|\/)(CHANGELOG\.md$|template\/|fixtures\/)|^api\//;
  return listed
    .trim()
    .split('\n')
    .filter((path) => !generated.test(path))
    .sort();
}

/** The text of the first heading, without its markup. */
export function titleOf(path: string): string {
  const heading = /^# (.*)$/m.exec(readFileSync(join(ROOT, path), 'utf8'))?.[1];
  if (heading === undefined) throw new Error(`${path} has no heading "# …" to be its title`);
  return heading.replaceAll(/[`*_]/g, '');
}

/** READMEs of packages are no pages of their own: they open the reference of their package. */
export function pages(files: readonly string[] = markdownFiles()): Page[] {
  const found = files.flatMap((path) => {
    const part = PARTS.find(([, pattern]) => pattern.test(path))?.[0];
    return part === undefined ? [] : [{ path, part, title: titleOf(path) }];
  });
  const place = ({ path }: Page): number => {
    const index = GUIDES.indexOf(path);
    return index < 0 ? GUIDES.length : index;
  };
  const part = (page: Page): number => PARTS.findIndex(([name]) => name === page.part);
  // An index comes before what it lists.
  const name = ({ path }: Page): string => path.replace(/README\.md$/, '');
  return found.sort((a, b) => part(a) - part(b) || place(a) - place(b) || (name(a) < name(b) ? -1 : 1));
}
