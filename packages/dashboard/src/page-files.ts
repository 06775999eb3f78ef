/**
 * The files of the page: our own, shipped as they are in `page/`, and the builds of Vega that the packages of those
 * names ship. Their names are known beforehand; no request names a path.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The same from `src` and from `dist`.
const PAGE = fileURLToPath(new URL('../page/', import.meta.url));

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

const OWN = [
  'page.css',
  'icon.svg',
  'main.js',
  'dom.js',
  'format.js',
  'run-table.js',
  'charts.js',
  'curve-spec.js',
  'tie-maps.js',
  'keys.js',
  'vega-util.js',
];

export interface PageFile {
  readonly type: string;
  readonly path: string;
}

/** By the path of the request. @throws when a package of Vega is not installed whole */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const resolve = createRequire(import.meta.url).resolve;
  const file = (path: string): PageFile => ({
    path,
    type: TYPES[path.slice(path.lastIndexOf('.') + 1) as keyof typeof TYPES],
  });
  return new Map([
    ['/', file(join(PAGE, 'index.html'))],
    ...OWN.map((name): [string, PageFile] => [`/${name}`, file(join(PAGE, name))]),
    ['/vendor/vega.js', file(join(dirname(resolve('vega')), 'vega.min.js'))],
    ['/vendor/vega-interpreter.js', file(resolve('vega-interpreter'))],
  ]);
}

/** Nothing but this server's own files, no inline script but the import map, no `eval`. */
export function contentSecurityPolicy(): string {
  const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
  const [, map = ''] = /<script type="importmap">(.*?)<\/script>/s.exec(html) ?? [];
  const hash = createHash('sha256').update(map).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
