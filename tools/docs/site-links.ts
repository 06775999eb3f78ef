/**
 * The built site as a browser sees it: every `href` and `src` of every page, every page of the navigation and of the
 * search is there, and nothing but a link that a reader follows leads to another host.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, normalize, relative, sep } from 'node:path';
import { inflateSync } from 'node:zlib';
import { externalProblem, isExternal } from './links.js';

interface HtmlPage {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly { readonly tag: string; readonly target: string }[];
}

const unescape = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** Typedoc writes attributes in one way, so a pattern reads them; the text of `pre` and comments has `<` escaped. */
export function readHtml(html: string): HtmlPage {
  const ids = new Set<string>();
  const links: { tag: string; target: string }[] = [];
  for (const [, tag, attributes] of html.matchAll(/<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi))
    for (const [, name, value] of attributes!.matchAll(/\s([\w:-]+)="([^"]*)"/g)) {
      if (name === 'id' || name === 'name') ids.add(unescape(value!));
      if (name === 'href' || name === 'src')
        links.push({ tag: tag!.toLowerCase(), target: unescape(value!) });
    }
  return { ids, links };
}

interface NavigationItem {
  readonly path?: string;
  readonly children?: readonly NavigationItem[];
}

/** Typedoc keeps what its scripts need as a compressed JSON literal. */
function unpack<T>(site: string, file: string): T {
  const packed = /"([^"]+)"/.exec(readFileSync(join(site, 'assets', file), 'utf8'))?.[1];
  if (packed === undefined) throw new Error(`assets/${file} holds no data`);
  return JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString('utf8')) as T;
}

const pathsOf = (items: readonly NavigationItem[]): string[] =>
  items.flatMap(({ path, children = [] }) => [...(path === undefined ? [] : [path]), ...pathsOf(children)]);

/** @returns one line for each link that leads nowhere */
export function deadSiteLinks(site: string): string[] {
  const files = readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(site, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const all = new Set(files);
  const pages = new Map(
    files
      // Icons are drawn by reference to their ids in an SVG file.
      .filter((path) => ['.html', '.svg'].includes(extname(path)))
      .map((path) => [path, readHtml(readFileSync(join(site, path), 'utf8'))]),
  );

  const problem = (from: string, target: string): string | undefined => {
    const [encoded = '', anchor] = target.split('#');
    const path =
      encoded === '' ? from : normalize(join(dirname(from), decodeURIComponent(encoded.split('?')[0]!)));
    const file = ['.', './', ''].includes(path) ? 'index.html' : path;
    if (!all.has(file)) return 'is not there';
    if (file.endsWith('.md')) return 'is a Markdown file that is no page of the site';
    if (anchor === undefined || anchor === '') return undefined;
    return pages.get(file)?.ids.has(decodeURIComponent(anchor)) ? undefined : `has no #${anchor}`;
  };

  const found = [...pages].flatMap(([path, { links }]) =>
    links.flatMap(({ tag, target }) => {
      if (!isExternal(target)) return { path, target, why: problem(path, target) };
      const why = tag === 'a' ? externalProblem(target) : 'is loaded from another host';
      return { path, target, why };
    }),
  );
  const shown = [
    ...pathsOf(unpack<NavigationItem[]>(site, 'navigation.js')).map((target) => ({
      path: 'navigation',
      target,
    })),
    ...unpack<{ rows: { url: string }[] }>(site, 'search.js').rows.map(({ url }) => ({
      path: 'search',
      target: url,
    })),
  ].map(({ path, target }) => ({ path, target, why: problem('index.html', target) }));
  return [...found, ...shown].flatMap(({ path, target, why }) =>
    why === undefined ? [] : [`${path}: ${target} ${why}`],
  );
}
