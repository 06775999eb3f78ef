import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../src/index.js';
import { started, stepped } from './events.js';
import { fakeIo } from './fake-io.js';

describe('ligature report', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'ligature-cli-report-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };

  it('makes the page of a run, beside it or where it is asked for', async () => {
    const place = folder();
    writeFileSync(join(place, 'config.json'), JSON.stringify({ seed: 3, dataset: 'a <b> c' }));
    const events = [started([0, 1], 4), stepped(1, 5), stepped(2, 4.5)];
    writeFileSync(join(place, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));

    const io = fakeIo();
    expect(await run(['report', place, '--json'], io)).toBe(0);
    const { path, bytes } = JSON.parse(io.out()) as { path: string; bytes: number };
    expect(path).toBe(join(place, 'report.html'));
    const page = readFileSync(path);
    expect(page.length).toBe(bytes);
    expect(page.toString()).toContain('a &lt;b&gt; c, seed 3');

    const other = join(place, 'elsewhere', 'page.html');
    expect(await run(['report', place, '--out', other], fakeIo())).toBe(0);
    expect(existsSync(other)).toBe(true);
  });

  it('says what is missing', async () => {
    const io = fakeIo();
    expect(await run(['report', folder()], io)).toBe(2);
    expect(io.err()).toContain('there is none in it');
  });
});
