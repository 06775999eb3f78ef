/** What comes out of the command where, as processes that read it see it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ligature, makeFolder, start, TINY } from './support.js';

const ACTIVE = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

describe('standard output and error', () => {
  let work: ReturnType<typeof makeFolder>;
  beforeAll(() => {
    work = makeFolder();
    // Says what it has to say on every way that there is, in every process that loads it.
    writeFileSync(
      join(work.folder, 'loud.mjs'),
      `console.log('log\\u001b]0;owned\\u0007');
       console.error('error\\u009b2J');
       process.stdout.write('half a ');
       process.stdout.write(new TextEncoder().encode('line\\u202e\\n'));
       process.stderr.write('over\\rwritten\\n');
       process.emitWarning('warned\\u001b[2J');
       process.stdout.write('the end');
       export default { name: 'loud', version: '1.0.0' };`,
    );
  });
  afterAll(() => work.remove());

  it.each([
    ['a run', ['train', ...TINY]],
    ['trials in processes of their own', ['compare', ...TINY, '--controllers', 'none', '--seeds', '1']],
    [
      'trials in the process of the study',
      ['compare', ...TINY, '--controllers', 'none', '--seeds', '1', '--executor', 'in-process'],
    ],
  ])('are one JSON document and harmless lines, whatever plug-ins print: %s', async (_, argv) => {
    const { status, stdout, stderr } = await ligature(
      [...argv, '--plugins', './loud.mjs', '--json'],
      work.folder,
    );
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    expect(stderr).not.toMatch(ACTIVE);
    for (const line of [
      'log\\u001b]0;owned\\u0007',
      'error\\u009b2J',
      'half a line\\u202e',
      'over\\u000dwritten',
      'warned\\u001b[2J',
      'the end',
    ])
      expect(stderr).toContain(line);
  });

  it('may be closed: a list ends well, and a run goes on to its end', async () => {
    const list = start(['plugins'], work.folder);
    list.child.stdout?.destroy();
    expect((await list.outcome).status).toBe(0);
    const run = start(['train', ...TINY, '--name', 'unheard'], work.folder);
    run.child.stderr?.destroy();
    const { status, stdout } = await run.outcome;
    expect({ status, written: stdout.includes('Written to runs/unheard') }).toEqual({
      status: 0,
      written: true,
    });
  });
});
