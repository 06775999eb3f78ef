import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  constants,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlainFile, readPlainFile, readPlainFileSync, type PlainFileOptions } from '../src/node/index.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-plain-file-'));
const at = (name: string): string => join(folder, name);
let server: Server;

beforeAll(async () => {
  writeFileSync(at('file'), 'Call me');
  writeFileSync(at('empty'), '');
  writeFileSync(at('long'), 'x'.repeat(300_000));
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync(at('pipe'), at('link-to-pipe'));
  symlinkSync(at('file'), at('link-to-file'));
  symlinkSync('/dev/zero', at('link-to-device'));
  server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const READERS: readonly (readonly [string, (path: string, options?: PlainFileOptions) => Promise<Buffer>])[] =
  [
    ['readPlainFile', readPlainFile],
    ['readPlainFileSync', async (path, options) => readPlainFileSync(path, options)],
  ];

describe.each(READERS)('%s', (_name, read) => {
  it.each([
    ['file', 'Call me'],
    ['empty', ''],
    ['long', 'x'.repeat(300_000)],
    ['link-to-file', 'Call me'],
  ])('gives all of %s', async (name, text) => {
    expect((await read(at(name))).toString()).toBe(text);
  });

  it.each([
    ['pipe', 'a pipe'],
    ['link-to-pipe', 'a pipe'],
    ['socket', 'a socket'],
    ['folder', 'a folder'],
    ['link-to-device', 'a device'],
  ])('refuses %s at once, following links or not', async (name, kind) => {
    await expect(read(at(name))).rejects.toThrow(`it is ${kind}, no plain file`);
    const refused = read(at(name), { links: 'refuse' });
    await expect(refused).rejects.toThrow(name.startsWith('link') ? /ELOOP/ : `it is ${kind}`);
  });

  it('refuses a link to a file where it was told to', async () => {
    await expect(read(at('link-to-file'), { links: 'refuse' })).rejects.toThrow(/ELOOP/);
    expect((await read(at('file'), { links: 'refuse' })).toString()).toBe('Call me');
  });

  it('takes as many bytes as were agreed, and not one more', async () => {
    expect((await read(at('file'), { most: 7 })).toString()).toBe('Call me');
    await expect(read(at('file'), { most: 6 })).rejects.toThrow('it has 7 bytes, more than 6');
  });

  it.runIf(process.platform === 'linux')('counts what it reads, not what the file says it has', async () => {
    // It says 0.
    expect((await read('/proc/self/status')).toString()).toContain('Pid:');
    await expect(read('/proc/self/status', { most: 10 })).rejects.toThrow('more than 10');
  });

  it("passes the system's own errors on", async () => {
    await expect(read(at('nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('openPlainFile', () => {
  const { O_APPEND, O_CREAT, O_RDONLY, O_WRONLY } = constants;

  it('makes a file where the flags say so, and goes on with one that is there', async () => {
    for (const _ of [1, 2]) {
      const file = await openPlainFile(at('made'), O_WRONLY | O_APPEND | O_CREAT);
      await file.writeFile('one ');
      await file.close();
    }
    appendFileSync(at('made'), 'end');
    expect(readPlainFileSync(at('made')).toString()).toBe('one one end');
    await expect(openPlainFile(at('none'), O_RDONLY)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('waits for nobody to read a pipe that it would write to', async () => {
    await expect(openPlainFile(at('pipe'), O_WRONLY | O_APPEND | O_CREAT)).rejects.toThrow('a pipe');
  });
});
