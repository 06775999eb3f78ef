import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogTail } from '../src/log-tail.js';
import { temporaryFolder } from './made-runs.js';

/** Reads until there is nothing more; what a restart forgot is not in it. */
async function readAll(
  tail: LogTail,
  known: readonly string[] = [],
): Promise<{ lines: string[]; damaged: number }> {
  let lines = [...known];
  let damaged = 0;
  for (;;) {
    const reading = await tail.read();
    if (reading.restarted) lines = [];
    lines.push(...reading.lines);
    damaged += reading.damaged;
    if (!reading.more) return { lines, damaged };
  }
}

describe('a log that grows', () => {
  const setUp = (): { folder: string; log: string; tail: LogTail } => {
    const folder = temporaryFolder();
    return { folder, log: join(folder, 'events.jsonl'), tail: new LogTail(folder) };
  };

  it('is read on; a line that has not ended waits', async () => {
    const { log, tail } = setUp();
    writeFileSync(log, 'one\ntw');
    expect((await readAll(tail)).lines).toEqual(['one']);
    appendFileSync(log, 'o\nthree\n');
    expect(await tail.read()).toMatchObject({ lines: ['two', 'three'], restarted: false });
    expect(await tail.read()).toMatchObject({ lines: [], more: false });
  });

  it('gives the same lines however it is cut while it grows', async () => {
    const { log } = setUp();
    const text = 'a line\nand — with more than ASCII — another\n\n{"x":"🐳"}\nlast\n';
    const bytes = Buffer.from(text);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        writeFileSync(log, '');
        const tail = new LogTail(join(log, '..'));
        let lines: string[] = [];
        const ends = [...places.sort((a, b) => a - b), bytes.length];
        for (const [at, end] of ends.entries()) {
          appendFileSync(log, bytes.subarray(ends[at - 1] ?? 0, end));
          ({ lines } = await readAll(tail, lines));
        }
        expect(lines).toEqual(text.split('\n').filter(Boolean));
      }),
      { numRuns: 40 },
    );
  });

  it('starts over when it was cut back, also when it has grown longer since', async () => {
    const { log, tail } = setUp();
    writeFileSync(log, 'one\ntwo\nthree\n');
    await readAll(tail);
    truncateSync(log, 4);
    expect(await tail.read()).toMatchObject({ lines: ['one'], restarted: true });
    appendFileSync(log, 'other\n');
    expect(await tail.read()).toMatchObject({ lines: ['other'], restarted: false });
    writeFileSync(log, 'quite\nanother\nlog\n');
    expect(await readAll(tail, ['one', 'other'])).toEqual({ lines: ['quite', 'another', 'log'], damaged: 0 });
  });

  it('goes on over a rotation, and begins with the oldest file that is left', async () => {
    const { folder, log, tail } = setUp();
    writeFileSync(log, 'one\n');
    let { lines } = await readAll(tail);
    appendFileSync(log, 'two\n');
    renameSync(log, join(folder, 'events-000001.jsonl'));
    writeFileSync(log, 'three\n');
    ({ lines } = await readAll(tail, lines));
    expect(lines).toEqual(['one', 'two', 'three']);
    renameSync(log, join(folder, 'events-000002.jsonl'));
    writeFileSync(log, 'four\n');
    rmSync(join(folder, 'events-000001.jsonl'));
    expect((await readAll(tail, lines)).lines).toEqual(['one', 'two', 'three', 'four']);
    expect((await readAll(new LogTail(folder))).lines).toEqual(['three', 'four']);
  });

  it('starts over when a resumed run goes back to a file that was rotated away', async () => {
    const { folder, log, tail } = setUp();
    writeFileSync(join(folder, 'events-000001.jsonl'), 'one\ntwo\n');
    writeFileSync(log, 'three\n');
    const { lines } = await readAll(tail);
    renameSync(join(folder, 'events-000001.jsonl'), log);
    truncateSync(log, 4);
    appendFileSync(log, 'again\n');
    expect((await readAll(tail, lines)).lines).toEqual(['one', 'again']);
  });

  it('passes over a line without end, and counts it', async () => {
    const { log, tail } = setUp();
    writeFileSync(log, `one\n${'x'.repeat(3 * 2 ** 20)}\ntwo\n`);
    expect(await readAll(tail)).toEqual({ lines: ['one', 'two'], damaged: 1 });
  });

  it('is no link and no folder', async () => {
    const { folder, log, tail } = setUp();
    writeFileSync(join(folder, 'elsewhere'), 'secret\n');
    symlinkSync(join(folder, 'elsewhere'), log);
    expect((await readAll(tail)).lines).toEqual([]);
    rmSync(log);
    mkdirSync(log);
    expect((await readAll(new LogTail(folder))).lines).toEqual([]);
  });
});
