import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubFile, PinnedRepo } from '@ligature/hub';
import { describe, expect, it } from 'vitest';
import { hubOn, text, temporaryFolder, wikitext } from './helpers.js';
import { answers, commitOf, cutOff, instead, serveHub, TOKEN, type HubServer } from './hub-server.js';

const ID = 'someone/numbers';
const BIG = new Uint8Array(200_000).map((_, index) => (index * 7 + (index >> 8)) % 251);
const model = { kind: 'model', id: ID } as const;

const served = (): Promise<HubServer> =>
  serveHub({
    [`models/${ID}`]: {
      refs: { main: commitOf('a'), v1: commitOf('c') },
      commits: {
        [commitOf('a')]: {
          'config.json': text('{"layers":2}\n'),
          'model.safetensors': BIG,
          'sub/a b.bin': text('x'),
        },
        [commitOf('c')]: { 'config.json': text('{}') },
      },
    },
  });

async function listed(
  made: ReturnType<typeof hubOn>,
): Promise<{ repo: PinnedRepo; files: readonly HubFile[] }> {
  const repo = await made.hub.resolveRevision(model);
  return { repo, files: await made.hub.listFiles(repo) };
}

const big = (files: readonly HubFile[]): HubFile[] =>
  files.filter(({ path }) => path === 'model.safetensors');
const ofStore = ({ seen }: HubServer) => seen.filter(({ at }) => at === 'store');
const blobFolder = (cache: string): string => join(cache, 'hub', 'models--someone--numbers', 'blobs');

describe('a repository', () => {
  it('is pinned to the commit of a branch, a tag, or a commit', async () => {
    const { hub } = hubOn(await served());
    expect(await hub.resolveRevision(model)).toEqual({ ...model, commit: commitOf('a') });
    expect(await hub.resolveRevision(model, 'v1')).toEqual({ ...model, commit: commitOf('c') });
    expect(await hub.resolveRevision(model, commitOf('c'))).toEqual({ ...model, commit: commitOf('c') });
    await expect(hub.resolveRevision(model, 'v2')).rejects.toMatchObject({
      code: 'hub-revision-unknown',
      message: expect.stringContaining('no revision "v2"') as string,
    });
  });

  it('is listed over several pages, with checksums of both kinds', async () => {
    const { files } = await listed(hubOn(await served()));
    expect(files.map(({ path, size, checksum }) => [path, size, checksum.algorithm])).toEqual([
      ['config.json', 13, 'git-sha1'],
      ['model.safetensors', 200_000, 'sha256'],
      ['sub/a b.bin', 1, 'sha256'],
    ]);
    // By `printf '{"layers":2}\n' | git hash-object --stdin`.
    expect(files[0]?.checksum.hex).toBe('ac62c68eab7ec8af2c9f864a06c78e29f5b11d82');
  });

  it('comes as files by their paths, and is not asked for twice', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    const folder = await made.hub.download(repo, files);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
    expect(readFileSync(join(folder, 'sub', 'a b.bin'), 'utf8')).toBe('x');
    expect(made.told.at(-1)).toEqual({ done: 200_014, total: 200_014 });
    const before = server.seen.length;
    const again = hubOn(server, { cacheFolder: made.cache });
    expect(await again.hub.download(repo, await again.hub.listFiles(repo))).toBe(folder);
    expect(server.seen.length).toBe(before);
    expect(again.told).toEqual([]);
  });

  it('keeps its commit when the branch moves', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo } = await listed(made);
    server.repos[`models/${ID}`]!.refs['main'] = commitOf('c');
    expect(await made.hub.resolveRevision(model, repo.commit)).toEqual(repo);
    expect((await made.hub.listFiles(repo)).length).toBe(3);
    expect((await made.hub.resolveRevision(model)).commit).toBe(commitOf('c'));
  });
});

describe('a download', () => {
  it('goes on where it broke off', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    server.troubles.push(cutOff(BIG, 70_000));
    const folder = await made.hub.download(repo, big(files));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
    const [, second] = ofStore(server);
    expect(Number(/^bytes=(\d+)-$/.exec(second?.range ?? '')?.[1])).toBe(70_000);
    expect(second?.ifRange).toMatch(/^"\w{8}-1"$/);
    expect(made.clock.slept).toEqual([1000]);
  });

  it('is stopped by a signal, and fetches only the rest the next time', async () => {
    const server = await served();
    const stop = new AbortController();
    const first = hubOn(server, {
      signal: stop.signal,
      onProgress: (_, { done }) => void (done >= 50_000 && stop.abort()),
    });
    const { repo, files } = await listed(first);
    server.troubles.push(cutOff(BIG, 120_000));
    await expect(first.hub.download(repo, big(files))).rejects.toMatchObject({ code: 'stopped' });
    const [name] = readdirSync(blobFolder(first.cache));
    expect(name).toMatch(/\.partial$/);
    const kept = readFileSync(join(blobFolder(first.cache), name!, 'bytes')).length;
    expect(kept).toBeGreaterThanOrEqual(50_000);
    const second = hubOn(server, { cacheFolder: first.cache });
    await second.hub.download(repo, big(files));
    expect(ofStore(server).at(-1)?.range).toBe(`bytes=${kept}-`);
    expect(readdirSync(blobFolder(first.cache))).toEqual([big(files)[0]?.checksum.hex]);
  });

  it.each([
    ['the file is another version', (server: HubServer) => void (server.version = '2')],
    ['the server knows no ranges', (server: HubServer) => void (server.ranges = false)],
  ])('begins anew where %s', async (_, change) => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    server.troubles.push(cutOff(BIG, 70_000));
    change(server);
    const folder = await made.hub.download(repo, big(files));
    expect(ofStore(server)[1]?.range).toBe('bytes=70000-');
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
  });

  it('does not take a range that it did not ask for', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    server.troubles.push(cutOff(BIG, 70_000), ({ at, range }, response) => {
      if (at !== 'store' || range === undefined) return false;
      response
        .writeHead(206, { 'content-range': `bytes 10-${BIG.length - 1}/${BIG.length}` })
        .end(BIG.subarray(10));
      return true;
    });
    const folder = await made.hub.download(repo, big(files));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
  });

  it('gives a silent server up, and asks again', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    server.troubles.push(({ at }, response) => {
      if (at !== 'store') return false;
      response.writeHead(200, { 'content-length': BIG.length });
      response.write(BIG.subarray(0, 1000), () => made.clock.silence());
      return true;
    });
    const folder = await made.hub.download(repo, big(files));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
    expect(ofStore(server).length).toBe(2);
  });

  it('ends after several attempts in which nothing came, and keeps what it has', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    server.troubles.push(cutOff(BIG, 70_000));
    for (let turn = 0; turn < 6; turn += 1) {
      server.troubles.push(({ at, range }, response) => {
        if (at !== 'store' || range === undefined) return false;
        response.writeHead(206, {
          'content-range': `bytes 70000-${BIG.length - 1}/${BIG.length}`,
          'content-length': 9,
        });
        response.flushHeaders();
        response.socket?.end();
        return true;
      });
    }
    await expect(made.hub.download(repo, big(files))).rejects.toMatchObject({ code: 'hub-interrupted' });
    expect(made.clock.slept).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000]);
    expect(readdirSync(blobFolder(made.cache))).toEqual([`${big(files)[0]?.checksum.hex}.partial`]);
  });

  it('throws away what is not what the Hub says, tries once more, and then fails', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    const other = BIG.map((byte) => byte ^ 1);
    server.troubles.push(instead(other));
    const folder = await made.hub.download(repo, big(files));
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);

    const fresh = hubOn(server);
    server.troubles.push(instead(other), instead(other));
    await expect(fresh.hub.download(repo, big(files))).rejects.toMatchObject({ code: 'hub-checksum' });
    expect(existsSync(join(blobFolder(fresh.cache), big(files)[0]!.checksum.hex))).toBe(false);
  });

  it('does not write more than was announced', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    const longer = new Uint8Array(BIG.length + 50_000);
    server.troubles.push(instead(longer), instead(longer));
    await expect(made.hub.download(repo, big(files))).rejects.toMatchObject({ code: 'hub-checksum' });
  });

  it('of the same file twice at once gives one whole file', async () => {
    const server = await served();
    const cacheFolder = temporaryFolder();
    const all = [1, 2, 3].map(() => hubOn(server, { cacheFolder }));
    const { repo, files } = await listed(all[0]!);
    const folders = await Promise.all(all.map(({ hub }) => hub.download(repo, big(files))));
    for (const folder of folders) {
      expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
    }
    expect(readdirSync(blobFolder(cacheFolder))).toEqual([big(files)[0]?.checksum.hex]);
  });

  it('is done again, and said to be, where the cached file is damaged', async () => {
    const server = await served();
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    await made.hub.download(repo, big(files));
    // Of the same length: the time of change tells, and then every byte is read.
    writeFileSync(
      join(blobFolder(made.cache), big(files)[0]!.checksum.hex),
      BIG.map((byte) => byte ^ 1),
    );
    const folder = await made.hub.download(repo, big(files), { thorough: true });
    expect(made.notices).toEqual([
      '"model.safetensors" of someone/numbers is damaged in the cache, and is fetched again',
    ]);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(BIG)).toBe(true);
  });
});

describe('a server', () => {
  it.each([
    [429, { 'retry-after': '7' }, 7000],
    [503, { 'retry-after': 'Wed, 01 Jan 2020 00:00:05 GMT' }, 5000],
    [500, {}, 1000],
  ])('that answers %i is asked again when it says, or soon', async (status, headers, wait) => {
    const server = await served();
    const made = hubOn(server);
    server.troubles.push(answers('hub', status, headers as Record<string, string>));
    await made.hub.resolveRevision(model);
    expect(made.clock.slept).toEqual([wait]);
    expect(made.notices[0]).toContain(`answers ${status}`);
  });

  it('that stays busy, or asks for an hour, is given up', async () => {
    const server = await served();
    for (let turn = 0; turn < 6; turn += 1) server.troubles.push(answers('hub', 503));
    const made = hubOn(server);
    await expect(made.hub.resolveRevision(model)).rejects.toMatchObject({ code: 'hub-busy' });
    expect(made.clock.slept).toEqual([1000, 2000, 4000, 8000, 16_000]);
    server.troubles.push(answers('hub', 429, { 'retry-after': '3600' }));
    await expect(hubOn(server).hub.resolveRevision(model)).rejects.toThrow('wait for 60 minutes');
  });

  it('that is not there is said to be', async () => {
    const made = hubOn(await served(), { env: { HF_ENDPOINT: 'http://127.0.0.1:9' } });
    await expect(made.hub.resolveRevision(model)).rejects.toMatchObject({ code: 'hub-unreachable' });
  });

  it('may be a mirror by option, which the token is never sent to', async () => {
    const server = await served();
    const made = hubOn(server, { mirror: `${server.url}/`, env: { HF_TOKEN: TOKEN } });
    const { repo, files } = await listed(made);
    await made.hub.download(repo, files);
    expect(server.seen.length).toBeGreaterThan(3);
    expect(server.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  it.each(['https://user:word@hub.example.org', 'file:///etc', 'hub.example.org'])(
    'is not %s',
    async (mirror) => {
      const server = await served();
      expect(() => hubOn(server, { mirror })).toThrow('no plain http or https address');
    },
  );
});

describe('the token', () => {
  it('opens what is gated, and goes to the Hub alone', async () => {
    const server = await serveHub({ 'datasets/Salesforce/wikitext': { ...wikitext(), gated: true } });
    const made = hubOn(server, { env: { HF_ENDPOINT: server.url, HF_TOKEN: TOKEN } });
    const repo = await made.hub.resolveRevision({ kind: 'dataset', id: 'Salesforce/wikitext' });
    await made.hub.download(repo, await made.hub.listFiles(repo));
    expect(new Set(server.seen.filter(({ at }) => at === 'hub').map((one) => one.authorization))).toEqual(
      new Set([`Bearer ${TOKEN}`]),
    );
    expect(ofStore(server).map((one) => one.authorization)).toEqual(ofStore(server).map(() => undefined));
    expect(ofStore(server).length).toBeGreaterThan(0);
  });

  it('is asked for, and is in no message', async () => {
    const server = await serveHub({ 'datasets/Salesforce/wikitext': { ...wikitext(), gated: true } });
    const repo = { kind: 'dataset', id: 'Salesforce/wikitext' } as const;
    await expect(hubOn(server).hub.resolveRevision(repo)).rejects.toMatchObject({
      code: 'hub-gated',
      message: expect.stringContaining('set HF_TOKEN in the environment') as string,
    });
    await expect(hubOn(server).hub.resolveRevision({ ...repo, id: 'nobody/nothing' })).rejects.toMatchObject({
      code: 'hub-denied',
    });
    const env = { HF_ENDPOINT: server.url, HF_TOKEN: TOKEN };
    const { hub } = hubOn(server, { env });
    await expect(hub.resolveRevision({ ...repo, id: 'nobody/nothing' })).rejects.toMatchObject({
      code: 'hub-missing',
    });
    const wrongEnv = { HF_ENDPOINT: server.url, HF_TOKEN: 'hf_not_the_right_one' };
    const wrong = await hubOn(server, { env: wrongEnv })
      .hub.resolveRevision(repo)
      .catch((error: unknown) => error as Error);
    expect(`${(wrong as Error).stack}${JSON.stringify(wrong)}`).not.toContain('hf_not');
    expect(() => hubOn(server, { env: { HF_TOKEN: 'two words' } })).toThrow(/^Use HF_TOKEN(?!.*two words)/);
  });
});

describe('offline', () => {
  it.each([{ env: { HF_HUB_OFFLINE: '1' } }, { offline: true, env: {} }])(
    'reads the cache alone: %j',
    async (options) => {
      const server = await served();
      const first = hubOn(server);
      const { repo, files } = await listed(first);
      await first.hub.download(repo, files.slice(0, 1));
      const before = server.seen.length;
      const { hub } = hubOn(server, { ...options, cacheFolder: first.cache });
      expect(await hub.resolveRevision(model)).toEqual(repo);
      expect(await hub.listFiles(repo)).toEqual(files);
      expect(existsSync(join(await hub.download(repo, files.slice(0, 1)), 'config.json'))).toBe(true);
      await expect(hub.download(repo, files)).rejects.toMatchObject({
        code: 'hub-offline',
        message: expect.stringContaining('"model.safetensors", "sub/a b.bin"') as string,
      });
      await expect(hub.resolveRevision(model, 'v1')).rejects.toMatchObject({ code: 'hub-offline' });
      expect(server.seen.length).toBe(before);
    },
  );
});

describe('a hostile server', () => {
  it.each([
    ['../../x', {}],
    ['/etc/passwd', {}],
    ['a/../../x', {}],
    ['a\\..\\x', {}],
    ['C:/x', {}],
    ['a\u0000b', {}],
    ['model.safetensors', { lfs: { oid: '../../x', size: 1 } }],
    ['model.safetensors', { lfs: { oid: 'a'.repeat(64), size: 1e15 } }],
    ['model.safetensors', { lfs: { oid: 'a'.repeat(64), size: -1 } }],
    ['config.json', { oid: 'not a checksum' }],
  ])('lists no %j %j', async (path, more) => {
    const server = await served();
    server.tamper = (entry) => (entry['path'] === 'config.json' ? { ...entry, path, ...more } : entry);
    await expect(listed(hubOn(server))).rejects.toMatchObject({ code: 'hub-listing-invalid' });
  });

  it('claims no size that has no room, for nothing is made by it', async () => {
    const server = await served();
    server.tamper = (entry) => (entry['path'] === 'config.json' ? { ...entry, size: 4.9e11 } : entry);
    const made = hubOn(server);
    const { repo, files } = await listed(made);
    const free = 'hub-disk-full';
    // Where the disk has half a terabyte, the file is short instead.
    await expect(made.hub.download(repo, files.slice(0, 1))).rejects.toMatchObject({
      code: expect.stringMatching(`${free}|hub-interrupted`) as string,
    });
  });

  it('redirects to nothing but http and https, and not for ever', async () => {
    const server = await served();
    server.troubles.push(answers('hub', 302, { location: 'file:///etc/passwd' }));
    await expect(hubOn(server).hub.resolveRevision(model)).rejects.toMatchObject({ code: 'hub-redirect' });
    for (let turn = 0; turn < 20; turn += 1)
      server.troubles.push(answers('hub', 302, { location: '/again' }));
    await expect(hubOn(server).hub.resolveRevision(model)).rejects.toThrow('redirects without end');
  });

  it('answers with a commit, or is not believed', async () => {
    const server = await served();
    server.troubles.push((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"../x","sha":"main"}');
      return true;
    });
    await expect(hubOn(server).hub.resolveRevision(model)).rejects.toMatchObject({
      code: 'hub-answer-invalid',
    });
    server.troubles.push((_, response) => {
      response.writeHead(200).end('<html>');
      return true;
    });
    await expect(hubOn(server).hub.resolveRevision(model)).rejects.toThrow('no JSON');
  });
});
