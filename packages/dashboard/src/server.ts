/**
 * The server of the page. It listens on 127.0.0.1 only, answers GET only, and only to requests that were addressed to
 * it by that name: a page of somebody else's that has its own name resolve to this machine is refused.
 */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { InputError } from '@ligature/core';
import { blockColor, inkOn } from '@ligature/report';
import { z } from 'zod';
import { contentSecurityPolicy, pageFiles } from './page-files.js';
import { RunWatcher } from './run-watcher.js';
import { PageStream } from './stream.js';
import type { Hello } from './wire.js';

const HOST = '127.0.0.1';
/** Pages open at a time: each has one stream. */
const MOST_STREAMS = 32;
/** After these, block colours come again. */
const COLORS = 56;

export const dashboardOptionsSchema = z.strictObject({
  folder: z.string().min(1).describe('Folder of runs; comparisons and other studies in it are searched, too'),
  port: z.int().min(0).max(65535).default(0).describe('Port on 127.0.0.1; 0: one that is free'),
});
export type DashboardOptions = z.input<typeof dashboardOptionsSchema>;

export interface Dashboard {
  /** `http://127.0.0.1:PORT/` */
  readonly address: string;
  /** Ends all connections and stops watching. */
  close(): Promise<void>;
}

/**
 * Serves the page until it is closed.
 *
 * @throws InputError: `runs-missing` when there is no such folder, `port-taken` and `port-refused` when the port
 *   cannot be had, `dashboard-options` for options that are none
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const checked = dashboardOptionsSchema.safeParse(options);
  if (!checked.success) {
    throw new InputError('dashboard-options', {
      asked: 'Start the dashboard',
      found: z.prettifyError(checked.error),
      todo: 'Give a folder of runs, and a port from 0 to 65535',
    });
  }
  const { folder, port } = checked.data;
  assertFolder(folder);
  const watcher = new RunWatcher(resolve(folder));
  const pages = new Pages(resolve(folder), watcher);
  const server = createServer((request, response) => void pages.answer(request, response));
  await listen(server, port);
  pages.port = (server.address() as AddressInfo).port;
  watcher.start();
  return {
    address: `http://${HOST}:${pages.port}/`,
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await Promise.all([closed, watcher.close()]);
    },
  };
}

class Pages {
  port = 0;
  private readonly files = pageFiles();
  private readonly headers = {
    'Content-Security-Policy': contentSecurityPolicy(),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    // The files are those of the version that runs, and the numbers those of now.
    'Cache-Control': 'no-store',
  };
  private streams = 0;

  constructor(
    private readonly folder: string,
    private readonly watcher: RunWatcher,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    if (!this.isForUs(request)) return refuse(response, 403, 'This page is served to this machine only.');
    if (request.method !== 'GET') return refuse(response, 405, 'Only GET is answered.', { Allow: 'GET' });
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
    if (path === '/stream') return this.stream(response, new URLSearchParams(query));
    const file = this.files.get(path);
    if (!file) return refuse(response, 404, 'There is no such page.');
    try {
      const body = await readFile(file.path);
      response.writeHead(200, { 'Content-Type': file.type }).end(body);
    } catch {
      refuse(response, 500, 'A file of the page is missing; install @ligature/dashboard again.');
    }
  }

  private isForUs({ headers: { host, origin } }: IncomingMessage): boolean {
    const names = [`${HOST}:${this.port}`, `localhost:${this.port}`];
    // Browsers leave the port of HTTP out.
    if (this.port === 80) names.push(HOST, 'localhost');
    if (host === undefined || !names.includes(host)) return false;
    return origin === undefined || names.some((name) => origin === `http://${name}`);
  }

  private stream(response: ServerResponse, query: URLSearchParams): void {
    if (this.streams >= MOST_STREAMS) return refuse(response, 503, 'Too many pages are open.');
    this.streams += 1;
    const ids = (query.get('runs') ?? '').split(',').filter((id) => /^[0-9a-f]{12}$/.test(id));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const page = new PageStream(response, this.watcher, [...new Set(ids)]);
    page.send('hello', this.hello());
    page.update();
    const stop = this.watcher.onLook(() => page.update());
    response.on('close', () => {
      stop();
      this.streams -= 1;
    });
  }

  private hello(): Hello {
    const colors = Array.from({ length: COLORS }, (_, owner) => {
      const fill = blockColor(owner);
      return { fill, ink: inkOn(fill) };
    });
    return { folder: this.folder, colors };
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }).end(`${text}\n`);
}

function assertFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new InputError('runs-missing', {
    asked: `Show the runs in "${folder}"`,
    found: 'there is no folder of that name',
    todo: 'Give the folder that runs are written to, or train first: `ligature train` makes "runs"',
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      fail(
        new InputError(
          taken ? 'port-taken' : 'port-refused',
          {
            asked: `Serve the dashboard on port ${port}`,
            found: taken ? 'another program is using it' : cause.message,
            todo: 'Give another port, or 0 for one that is free',
          },
          { cause },
        ),
      );
    });
    server.listen({ host: HOST, port }, done);
  });
}
