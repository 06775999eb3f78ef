/**
 * A server on the loopback that speaks as the Hub does, and a second one, another origin, to which it redirects for large
 * files: names that moved, revisions, listings in pages, LFS and plain files, ranges, and whatever may go wrong.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ServedRepo {
  /** Commits by branch or tag. */
  refs: Record<string, string>;
  /** Files of each commit. */
  readonly commits: Record<string, Readonly<Record<string, Uint8Array>>>;
  /** Only who has the token sees it. */
  readonly gated?: boolean;
}

export interface Seen {
  readonly at: 'hub' | 'store';
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers in place of the server, or not. */
/** @param arrived bytes that the client says have come to it */
export type Trouble = (request: Seen, response: ServerResponse, arrived: () => number) => boolean;

export interface HubServer {
  readonly url: string;
  readonly repos: Record<string, ServedRepo>;
  /** Old names. */
  readonly moved: Record<string, string>;
  readonly seen: Seen[];
  /** Asked before every answer, in turn; each until it has answered once. */
  readonly troubles: Trouble[];
  /** Bytes that the client last said have come to it: `hubOn` sees to that. */
  arrived: number;
  /** Changes what a listing says of a file. */
  tamper: (entry: Record<string, unknown>) => Record<string, unknown>;
  /** In the ETags of the store: another version. */
  version: string;
  ranges: boolean;
}

export const TOKEN = 'hf_a_secret_of_the_tests';
export const commitOf = (letter: string): string => letter.repeat(40);

const sha = (algorithm: string, ...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const isLarge = (path: string): boolean => !/\.(md|csv|jsonl|json)$/.test(path);
const PAGE = 2;

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function serveHub(repos: Record<string, ServedRepo>): Promise<HubServer> {
  const seen: Seen[] = [];
  const troubles: Trouble[] = [];
  const blobs = new Map<string, Uint8Array>();
  const note = (at: Seen['at'], request: IncomingMessage, response: ServerResponse): Seen | undefined => {
    const { range, authorization } = request.headers;
    const ifRange = request.headers['if-range'] as string | undefined;
    const one = { at, path: request.url ?? '', range, ifRange, authorization };
    seen.push(one);
    for (const [index, trouble] of troubles.entries()) {
      if (!trouble(one, response, () => server.arrived)) continue;
      troubles.splice(index, 1);
      return undefined;
    }
    return one;
  };
  const store = await listen((request, response) => {
    const one = note('store', request, response);
    if (!one) return;
    const hex = /^\/blob\/(\w+)\?/.exec(one.path)?.[1] ?? '';
    const bytes = blobs.get(hex);
    if (!bytes) return void response.writeHead(403).end();
    const etag = `"${hex.slice(0, 8)}-${server.version}"`;
    const from = server.ranges ? Number(/^bytes=(\d+)-$/.exec(one.range ?? '')?.[1] ?? -1) : -1;
    const same = one.ifRange === undefined || one.ifRange === etag;
    if (from >= 0 && same) {
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(206, { etag, 'content-range': range, 'content-length': bytes.length - from });
      return void response.end(bytes.subarray(from));
    }
    response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
  });
  const json = (
    response: ServerResponse,
    status: number,
    value: unknown,
    headers: Record<string, string> = {},
  ) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value));
  const fail = (response: ServerResponse, status: number, code: string): void =>
    json(response, status, { error: code }, { 'x-error-code': code });

  const url = await listen((request, response) => {
    const one = note('hub', request, response);
    if (!one) return;
    const { pathname, searchParams } = new URL(one.path, 'http://hub');
    const api = /^\/api\/(datasets|models)\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const file = /^\/(datasets\/)?(.+?)\/resolve\/(\w+)\/(.+)$/.exec(pathname);
    const kind = api?.[1] ?? (file?.[1] ? 'datasets' : 'models');
    const id = api?.[2] ?? file?.[2] ?? '';
    const key = `${kind}/${id}`;
    const now = server.moved[key];
    if (now) {
      return void response
        .writeHead(307, { location: one.path.replace(`/${id}/`, `/${now.slice(kind.length + 1)}/`) })
        .end();
    }
    const repo = server.repos[key];
    // As the Hub does: to a stranger it does not say that there is none.
    if (!repo) return fail(response, one.authorization ? 404 : 401, 'RepoNotFound');
    if (repo.gated && one.authorization !== `Bearer ${TOKEN}`) return fail(response, 401, 'GatedRepo');
    const revision = decodeURIComponent(api?.[4] ?? file?.[3] ?? '');
    const commit = repo.refs[revision] ?? revision;
    const files = repo.commits[commit];
    if (!files) return fail(response, 404, 'RevisionNotFound');
    if (api?.[3] === 'revision') {
      return json(response, 200, { _id: '1', id, sha: commit, lastModified: '2020-01-01T00:00:00.000Z' });
    }
    if (api) {
      const from = Number(searchParams.get('cursor') ?? 0);
      const paths = Object.keys(files);
      const entries = paths.slice(from, from + PAGE).map((path) => {
        const bytes = files[path]!;
        const size = bytes.length;
        const oid = sha('sha1', `blob ${size}\0`, bytes);
        const lfs = isLarge(path) && {
          lfs: { oid: sha('sha256', bytes), size, pointerSize: 130 },
          xetHash: 'x',
        };
        return server.tamper({ type: 'file', path, size, oid, ...lfs });
      });
      const next = `${server.url}${pathname}?recursive=true&expand=false&cursor=${from + PAGE}`;
      return json(
        response,
        200,
        entries,
        from + PAGE < paths.length ? { link: `<${next}>; rel="next"` } : {},
      );
    }
    const bytes = files[decodeURIComponent(file?.[4] ?? '')];
    if (!bytes) return fail(response, 404, 'EntryNotFound');
    if (!isLarge(pathname)) {
      const etag = `"${sha('sha1', `blob ${bytes.length}\0`, bytes)}"`;
      return void response.writeHead(200, { etag, 'x-repo-commit': commit }).end(bytes);
    }
    const hex = sha('sha256', bytes);
    blobs.set(hex, bytes);
    response.writeHead(302, {
      location: `${store}/blob/${hex}?signature=secret`,
      ...{ 'x-repo-commit': commit, 'x-linked-size': bytes.length, 'x-linked-etag': `"${hex}"` },
    });
    response.end();
  });
  const server: HubServer = {
    ...{ url, repos, moved: {}, seen, troubles },
    ...{ tamper: (entry) => entry, version: '1', ranges: true, arrived: 0 },
  };
  return server;
}

/** All of a file on the store, whatever the Hub said of it. */
export const instead =
  (bytes: Uint8Array): Trouble =>
  ({ at }, response) => {
    if (at !== 'store') return false;
    response.writeHead(200, { etag: etagOf(bytes), 'content-length': bytes.length }).end(bytes);
    return true;
  };

/** A file on the store, broken off behind some bytes, once all of these have come to the client, which tells whole hundredths. */
export const cutOff =
  (bytes: Uint8Array, after: number): Trouble =>
  ({ at }, response, arrived) => {
    if (at !== 'store') return false;
    response.writeHead(200, { etag: etagOf(bytes), 'content-length': bytes.length });
    response.write(bytes.subarray(0, after));
    const waiting = setInterval(() => {
      if (arrived() < after) return;
      clearInterval(waiting);
      response.socket?.end();
    }, 2);
    response.once('close', () => clearInterval(waiting));
    return true;
  };

const etagOf = (bytes: Uint8Array): string => `"${sha('sha256', bytes).slice(0, 8)}-1"`;

export const answers =
  (at: Seen['at'], status: number, headers: Record<string, string> = {}): Trouble =>
  (request, response) => {
    if (request.at !== at) return false;
    response.writeHead(status, headers).end();
    return true;
  };
