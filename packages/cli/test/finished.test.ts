/** `resume` of what is finished: it says so, and no file is touched. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo, type FakeIo } from './fake-io.js';

const TEXT = Array.from({ length: 60 }, (_, i) => `Line ${i} and ${i + 1} make ${2 * i + 1}.\n\n`).join('');
const small = [
  ...['--dataset', 'text.txt', '--tokenizer', 'byte', '--backend', 'cpu', '--layers', '2', '--width', '8'],
  ...['--heads', '2', '--context', '8', '--batch', '2', '--window', '1', '--steps', '2', '--quiet'],
];
const inProcess = ['--executor', 'in-process'];

function ioWithText(): FakeIo {
  const io = fakeIo();
  writeFileSync(join(io.cwd, 'text.txt'), TEXT);
  return io;
}

/** Every file and folder below, with its content and the moment of its last change. */
const everything = (folder: string): unknown =>
  ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const stats = statSync(join(folder, name));
    return [name, stats.mtimeMs, stats.isFile() ? readFileSync(join(folder, name), 'base64') : 'a folder'];
  });

/** What `resume` prints, having touched nothing. */
async function resumed(io: FakeIo, folder: string, flags: readonly string[] = []): Promise<string> {
  const place = join(io.cwd, folder);
  const before = everything(place);
  const said = io.out().length;
  expect(await run(['resume', folder, ...flags], io), io.err()).toBe(0);
  expect(everything(place)).toEqual(before);
  return io.out().slice(said);
}

describe('a run that is finished', () => {
  it('is said to be, with where its result is and how its model is trained further', async () => {
    const io = ioWithText();
    expect(await run(['train', ...small, '--controller', 'random', '--name', 'one'], io), io.err()).toBe(0);
    const text = await resumed(io, 'runs/one');
    expect(text).toContain('The run is finished after 2 steps: there is nothing to go on with.');
    expect(text).toContain('runs/one/result.json');
    expect(text).not.toContain('Peak tensors');
    // Also with flags that would change how it goes on, and when its text is gone.
    rmSync(join(io.cwd, 'text.txt'));
    await resumed(io, 'runs/one', ['--backend', 'wasm', '--threads', '2']);
    const result = JSON.parse(await resumed(io, 'runs/one', ['--json'])) as TrialResult;
    const written = JSON.parse(
      readFileSync(join(io.cwd, 'runs', 'one', 'result.json'), 'utf8'),
    ) as TrialResult;
    expect(result).toMatchObject({ ...written, folder: expect.stringContaining('one') as string });
    expect(io.err()).toContain('The run is finished');

    writeFileSync(join(io.cwd, 'text.txt'), TEXT);
    const command = /^ {2}ligature (train .*)$/m.exec(text)?.[1] ?? '';
    expect(await run([...command.split(' '), '--name', 'further', '--json', '--quiet'], io), io.err()).toBe(
      0,
    );
    const manifest = readFileSync(join(io.cwd, 'runs', 'further', 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ weights: { kind: 'run', run: 'runs/one', step: 2 } });

    // Made while it was killed, say.
    const page = join(io.cwd, 'runs', 'one', 'report.html');
    const before = readFileSync(page, 'utf8');
    const rest = everything(join(io.cwd, 'runs', 'one', 'checkpoints'));
    rmSync(page);
    expect(await run(['resume', 'runs/one'], io)).toBe(0);
    expect(io.out()).toContain('Made again what was missing: runs/one/report.html');
    expect(readFileSync(page, 'utf8')).toBe(before);
    expect(everything(join(io.cwd, 'runs', 'one', 'checkpoints'))).toEqual(rest);
  }, 60_000);

  it('goes on when its result is torn: what is damaged is not finished', async () => {
    const io = ioWithText();
    expect(
      await run(['train', ...small, '--set', 'evaluation.evaluators=[ledger]', '--name', 'one'], io),
      io.err(),
    ).toBe(0);
    const place = join(io.cwd, 'runs', 'one', 'result.json');
    const { memory, ...whole } = JSON.parse(readFileSync(place, 'utf8')) as TrialResult;
    writeFileSync(place, '{"outcome":"completed"');
    expect(await run(['resume', 'runs/one'], io), io.err()).toBe(0);
    const { memory: later, ...again } = JSON.parse(readFileSync(place, 'utf8')) as TrialResult;
    expect(again).toEqual({ ...whole, folder: expect.any(String) as string });
    expect(later.backendBytes).toBe(memory.backendBytes);
  }, 60_000);
});

describe('a study that is finished', () => {
  it.each<[string, string[], string]>([
    ['compare', [...small, '--controllers', 'none,random', '--seeds', '2'], 'compare-text'],
    ['sweep', [...small, '--controller', 'none', '--vary', 'batch=2,4'], 'sweep-text'],
    // Its models are gone, and are not missed.
    ['landscape', [...small, '--seeds', '1'], 'landscape-text'],
    ['audit', ['memory', ...small, '--seeds', '1'], 'audit-memory'],
    // Nothing is trained in it.
    ['audit', ['random-ratio', '--layers', '3', '--seeds', '4', '--sweeps', '1'], 'audit-random-ratio'],
  ])(
    'is said to be: %s %j',
    async (command, argv, name) => {
      const io = ioWithText();
      expect(await run([command, ...argv, ...inProcess], io), io.err()).toBe(0);
      const folder = `runs/${name}`;
      const text = await resumed(io, folder, inProcess);
      expect(text).toContain('The study is finished: every trial was completed');
      expect(text).toMatch(new RegExp(`What it found: ${folder}/[a-z-]+\\.json`));
      // Its trials, too.
      const [trial] = readdirSync(join(io.cwd, folder)).filter((one) => /seed-1$/.test(one));
      if (trial !== undefined)
        expect(await resumed(io, `${folder}/${trial}`)).toContain('The run is finished');

      const lost = readdirSync(join(io.cwd, folder)).find((one) => one.endsWith('.md')) as string;
      const before = readFileSync(join(io.cwd, folder, lost), 'utf8');
      rmSync(join(io.cwd, folder, lost));
      expect(await run(['resume', folder, ...inProcess], io), io.err()).toBe(0);
      expect(io.out()).toContain(`Made again what was missing: ${folder}/${lost}`);
      expect(readFileSync(join(io.cwd, folder, lost), 'utf8')).toBe(before);
    },
    120_000,
  );

  it('is not when a trial of it is gone, or its sum', async () => {
    const io = ioWithText();
    expect(await run(['compare', ...small, ...inProcess, '--controllers', 'none,random'], io), io.err()).toBe(
      0,
    );
    const folder = join(io.cwd, 'runs', 'compare-text');
    const numbers = (): unknown => {
      const { trials } = JSON.parse(readFileSync(join(folder, 'comparison.json'), 'utf8')) as {
        trials: TrialResult[];
      };
      return trials.map(({ controller, losses, test }) => ({ controller, losses, test }));
    };
    const whole = numbers();
    for (const lost of ['none-seed-1', 'comparison.json', 'outcome.json']) {
      rmSync(join(folder, lost), { recursive: true });
      expect(await run(['resume', 'runs/compare-text', ...inProcess, '--quiet'], io), io.err()).toBe(0);
      expect(numbers()).toEqual(whole);
    }
    expect(await resumed(io, 'runs/compare-text')).toContain('The study is finished');
  }, 120_000);
});
