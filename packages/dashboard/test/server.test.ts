import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDashboard, type Dashboard } from '../src/index.js';
import { MadeRun, temporaryFolder } from './made-runs.js';

async function start(folder = temporaryFolder(), port = 0): Promise<Dashboard> {
  const board = await startDashboard({ folder, port });
  onTestFinished(() => board.close());
  return board;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** `fetch` would put paths in order and set `Host` itself. */
function ask(
  board: Dashboard,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { port } = new URL(board.address);
  return new Promise((done, fail) => {
    const asked = request({ host: '127.0.0.1', port, path, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        done({ status, headers, body: Buffer.concat(parts).toString() });
      });
    });
    asked.on('error', fail).end();
  });
}

describe('the server', () => {
  it('serves the page and every script that it names, under a policy without eval', async () => {
    const board = await start();
    const page = await ask(board, '/');
    expect(page.status).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const seen = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, body } = await ask(board, path);
      expect([path, status]).toEqual([path, 200]);
      if (path.startsWith('/vendor/')) return;
      for (const [, next = ''] of body.matchAll(/(?:from|src=|href=)\s?["']\.?(\/[^"']+)["']/g))
        await visit(next);
    };
    await visit('/');
    expect(seen).toContain('/vendor/vega.js');
    expect(seen).toContain('/tie-maps.js');
  });

  it('answers nobody who calls it by another name or comes from another page', async () => {
    const board = await start();
    const { port } = new URL(board.address);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
      '[::1]',
    ])
      expect([host, (await ask(board, '/', { headers: { host } })).status]).toEqual([host, 403]);
    expect((await ask(board, '/', { headers: { host: `localhost:${port}` } })).status).toBe(200);
    for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${port}`])
      expect((await ask(board, '/stream', { headers: { origin } })).status).toBe(403);
  });

  it('answers GET only, and for the files that it knows', async () => {
    const board = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])
      expect((await ask(board, '/', { method })).status).toBe(405);
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/page.css/../../package.json',
      '//etc/passwd',
      '/index.html',
      '/constructor',
      '/tsconfig.json',
    ])
      expect([path, (await ask(board, path)).status]).toEqual([path, 404]);
  });

  it('tells of all runs, and of the details of those that are asked for', async () => {
    const folder = temporaryFolder();
    new MadeRun(join(folder, 'one')).until(10);
    new MadeRun(join(folder, 'two')).complete();
    const board = await start(folder);
    const events = await streamed(board, '/stream', 'finished');
    expect(events).toContain('"name":"one"');
    expect(events).not.toContain('event: detail');
    const id = /"id":"([0-9a-f]{12})","name":"two"/.exec(events)?.[1] ?? '';
    expect(await streamed(board, `/stream?runs=${id},../../etc,zzz`, 'stretches')).toContain(`"id":"${id}"`);
  });

  it('says what is wrong with a folder and with a port', async () => {
    const board = await start();
    const port = Number(new URL(board.address).port);
    await expect(start(temporaryFolder(), port)).rejects.toMatchObject({ code: 'port-taken' });
    await expect(start('/nowhere/at/all')).rejects.toMatchObject({ code: 'runs-missing' });
    await expect(start(temporaryFolder(), 70_000)).rejects.toMatchObject({ code: 'dashboard-options' });
  });

  it('ends while a page is open', async () => {
    const board = await startDashboard({ folder: temporaryFolder() });
    const response = await fetch(`${board.address}stream`);
    await board.close();
    await expect(response.text()).rejects.toThrow();
    await expect(fetch(board.address)).rejects.toThrow();
  });
});

/** The stream up to a word. */
async function streamed(board: Dashboard, path: string, until: string): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(new URL(path, board.address), { signal: stop.signal });
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    if (text.includes(until)) break;
  }
  stop.abort();
  return text;
}
