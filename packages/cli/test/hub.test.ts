/** From `--dataset hf:…` to a run that is pinned: against a Hub on the loopback. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, TrialResult } from '@ligature/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { glue, text, wikitext } from '../../hub/test/helpers.js';
import { commitOf, serveHub, TOKEN, type HubServer } from '../../hub/test/hub-server.js';
import { run } from '../src/index.js';
import { fakeIo, frames, type FakeIo } from './fake-io.js';

const REPO = 'datasets/Salesforce/wikitext';
const NAME = 'hf:wikitext/wikitext-2-raw-v1';
const PINNED = `hf:Salesforce/wikitext/wikitext-2-raw-v1@${commitOf('a')}`;
const small = [
  ...['--tokenizer', 'byte', '--backend', 'cpu', '--layers', '2', '--width', '8', '--heads', '2'],
  ...['--context', '8', '--batch', '2', '--window', '1', '--steps', '4', '--controller', 'random'],
];

async function hub(): Promise<HubServer> {
  const server = await serveHub({ [REPO]: wikitext(), 'datasets/nyu-mll/glue': glue() });
  server.moved['datasets/wikitext'] = REPO;
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HF_ENDPOINT', server.url);
  vi.stubEnv('HF_TOKEN', TOKEN);
  return server;
}

const inRun = (io: FakeIo, ...path: string[]): string => join(io.cwd, 'runs', ...path);
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
/** Of the last checkpoint. */
function weights(io: FakeIo, name: string): Buffer {
  const folder = inRun(io, name, 'checkpoints');
  const last =
    readdirSync(folder)
      .filter((entry) => /^step/.test(entry))
      .sort()
      .at(-1) ?? '';
  const file = readdirSync(join(folder, last)).find((entry) => entry.endsWith('.safetensors')) ?? '';
  return readFileSync(join(folder, last, file));
}

/** Presses Ctrl-C when something is printed. */
const pressed = (io: FakeIo, when: string): FakeIo => {
  let done = false;
  const write = (line: string): void => {
    io.stderr.write(line);
    if (done || !line.includes(when)) return;
    done = true;
    io.interrupt();
  };
  return { ...io, stderr: { ...io.stderr, write } };
};

describe('--dataset hf:…', () => {
  it('trains, keeps the commit, and goes on offline when the branch has moved, bit for bit', async () => {
    const server = await hub();
    const io = fakeIo();
    const train = ['train', '--dataset', NAME, ...small, '--name'];
    expect(await run([...train, 'whole'], io), io.err()).toBe(0);
    expect(io.err()).toMatch(/Downloading Salesforce\/wikitext, \d\.\d kB 100 %/);
    expect((json(inRun(io, 'whole', 'config.json')) as RunConfig).dataset?.name).toBe(PINNED);
    expect(readFileSync(inRun(io, 'whole', 'report.html'), 'utf8')).toContain(PINNED);

    expect(await run([...train, 'stopped'], pressed(io, 'step 2/4')), io.err()).toBe(130);
    const files = { 'wikitext-2-raw-v1/train.txt': text('Another text.\n') };
    server.repos[REPO] = { refs: { main: commitOf('f') }, commits: { [commitOf('f')]: files } };
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const before = server.seen.length;
    expect(await run(['resume', 'runs/stopped'], io), io.err()).toBe(0);
    expect(await run(['evaluate', 'runs/stopped', '--split', 'test'], io), io.err()).toBe(0);
    expect(server.seen.length).toBe(before);
    const [whole, stopped] = ['whole', 'stopped'].map(
      (name) => json(inRun(io, name, 'result.json')) as TrialResult,
    );
    expect(stopped).toMatchObject({
      steps: 4,
      test: whole?.test,
      validation: whole?.validation,
      tieMap: whole?.tieMap,
    });
    expect(weights(io, 'stopped').equals(weights(io, 'whole'))).toBe(true);
    expect(weights(io, 'whole').length).toBeGreaterThan(1000);

    // Not in any file of the run, nor in what was printed.
    const written = readdirSync(inRun(io), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(written.length).toBeGreaterThan(10);
    expect([io.out(), io.err(), ...written].filter((one) => one.includes(TOKEN))).toEqual([]);
  });

  it('is one state for all trials of a study', async () => {
    const server = await hub();
    const io = fakeIo();
    const study = ['compare', '--dataset', NAME, ...small.slice(0, -4), '--executor', 'in-process'];
    const flags = [...study, '--controllers', 'none,random', '--seeds', '1', '--steps', '1', '--name', 'two'];
    expect(await run([...flags, '--parallel', '1'], io), io.err()).toBe(0);
    const configs = readdirSync(inRun(io, 'two'), { withFileTypes: true })
      .filter(({ name }) => existsSync(inRun(io, 'two', name, 'config.json')))
      .map(({ name }) => (json(inRun(io, 'two', name, 'config.json')) as RunConfig).dataset?.name);
    expect(configs).toEqual([PINNED, PINNED]);
    // The name as one of an owner, its old one, and where that leads.
    expect(server.seen.filter(({ path }) => path.includes('/revision/main')).length).toBe(3);
  });

  it('learns a task of GLUE', async () => {
    await hub();
    const io = fakeIo();
    const flags = [
      '--task',
      'sequence-classification',
      '--model',
      'bert',
      '--dataset',
      'hf:nyu-mll/glue/sst2',
    ];
    expect(await run(['train', ...flags, ...small, '--name', 'sst2'], io), io.err()).toBe(0);
    expect((json(inRun(io, 'sst2', 'config.json')) as RunConfig).dataset?.name).toBe(
      `hf:nyu-mll/glue/sst2@${commitOf('b')}`,
    );
    const [model] = [json(inRun(io, 'sst2', 'manifest.json')) as { files: { train: string[] } }];
    expect(model.files.train).toEqual(['sst2/train-00000-of-00001.parquet']);
  });

  it('draws a bar on a terminal', async () => {
    await hub();
    const io = fakeIo({ isTTY: true, columns: 70, env: { TERM: 'xterm' } });
    expect(await run(['train', '--dataset', NAME, ...small, '--name', 'live'], io), io.err()).toBe(0);
    expect(
      frames(io.err()).find((frame) => /Downloading Salesforce\/wikitext.*━.*100%/.test(frame)),
    ).toBeDefined();
  });

  it('stops a download on Ctrl-C, and fetches the rest the next time', async () => {
    const server = await hub();
    const io = fakeIo();
    const train = ['train', '--dataset', NAME, ...small, '--name', 'one'];
    expect(await run(train, pressed(io, 'Downloading')), io.err()).toBe(130);
    expect(io.err()).toContain('what has come so far is kept');
    expect(existsSync(inRun(io, 'one'))).toBe(false);
    const fetched = server.seen.filter(({ at }) => at === 'store').length;
    expect(fetched).toBeLessThan(4);
    expect(await run(train, io), io.err()).toBe(0);
    expect(server.seen.filter(({ path }) => path.includes('/tree/')).length).toBe(3);
  });

  it('says what is not there, and leaves no folder', async () => {
    await hub();
    const io = fakeIo();
    expect(await run(['train', '--dataset', 'hf:wikitext/wikitext-9', ...small], io)).toBe(2);
    expect(io.err()).toContain('it has no configuration "wikitext-9"; it has wikitext-2-raw-v1');
    expect(await run(['train', '--dataset', 'hf:../x', ...small], io)).toBe(2);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect(await run(['train', '--dataset', 'hf:a/b', ...small], io)).toBe(2);
    expect(io.err()).toContain('the cache does not hold');
    expect(readdirSync(inRun(io))).toEqual([]);
  });

  it('is only looked at where a configuration is printed', async () => {
    const server = await hub();
    const io = fakeIo();
    expect(await run(['train', '--dataset', NAME, ...small, '--print-config'], io), io.err()).toBe(0);
    expect(io.out()).toContain(`name: ${NAME}`);
    expect(server.seen).toEqual([]);
  });
});
