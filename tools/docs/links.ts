/** Links of the repository's Markdown files: to files, folders and headings that are there, or well-formed elsewhere. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { MarkdownFile } from './markdown.js';
import { ROOT } from './pages.js';

/** What is wrong with the form of an address elsewhere; it is not fetched. */
export function externalProblem(target: string): string | undefined {
  if (!URL.canParse(target)) return 'is no address';
  const { protocol, hostname } = new URL(target);
  if (protocol === 'mailto:') return undefined;
  if (protocol !== 'https:') return `should be https, not ${protocol.slice(0, -1)}`;
  return hostname.includes('.') ? undefined : 'names no public host';
}

export const isExternal = (target: string): boolean => /^[a-z][a-z\d+.-]*:|^\/\//i.test(target);

/** @returns one line for each link that leads nowhere */
export function deadLinks(files: readonly MarkdownFile[], exists = existsInRepository): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return files.flatMap((file) =>
    file.links.flatMap(({ line, target }) => {
      const problem = isExternal(target)
        ? externalProblem(target)
        : internalProblem(file, target, byPath, exists);
      return problem === undefined ? [] : [`${file.path}:${line}: ${target} ${problem}`];
    }),
  );
}

const existsInRepository = (path: string): boolean => existsSync(join(ROOT, path));

function internalProblem(
  file: MarkdownFile,
  target: string,
  byPath: ReadonlyMap<string, MarkdownFile>,
  exists: (path: string) => boolean,
): string | undefined {
  const [encoded = '', anchor] = target.split('#');
  const path = encoded === '' ? file.path : normalize(join(dirname(file.path), decodeURI(encoded)));
  if (encoded.startsWith('/')) return 'is absolute: it means another file on every machine';
  if (path.startsWith('..')) return 'leads out of the repository';
  if (!exists(path)) return 'is not there';
  if (anchor === undefined) return undefined;
  const page = byPath.get(path) ?? byPath.get(join(path, 'README.md'));
  if (page === undefined) return 'has an anchor, but is no Markdown file';
  return page.anchors.has(decodeURIComponent(anchor)) ? undefined : `has no heading for #${anchor}`;
}
