/** A study and an executor of somebody else's plug-in: command, help, resuming, report and files come from the contract. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo } from './fake-io.js';

const PLUGIN = fileURLToPath(new URL('fixtures/rates-study.mjs', import.meta.url));
const with_ = ['--plugins', PLUGIN];
const small = ['--backend', 'cpu', '--tokenizer', 'byte', '--layers', '2'];

describe('a study of a plug-in', () => {
  it('is trained by the executor of a plug-in, shown, looked at again and gone on with', async () => {
    const io = fakeIo();
    const argv = ['study', 'rates', ...with_, ...small, '--rates', '50,100', '--executor', 'made-up'];
    expect(await run(argv, io), io.err()).toBe(0);
    expect(io.err()).toContain('Trying 4 runs on moby-dick.');
    // The order names the plug-in with the version that the study runs with.
    expect(io.err()).toContain(
      `rate-50-seed-1 with ${JSON.stringify([{ specifier: PLUGIN, version: '2.0.0' }])}`,
    );
    expect(io.err()).toContain('test fit 0.375');
    expect(io.out()).toContain('There are 4 runs.');
    const folder = join(io.cwd, 'runs', 'rates-moby-dick');
    expect(readFileSync(join(folder, 'rates.csv'), 'utf8')).toBe(
      'rate,seed,value\n50 %,1,0.375\n100 %,1,0.375\n50 %,2,0.5\n100 %,2,0.5\n',
    );
    expect(readFileSync(join(folder, 'rates.svg'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(folder, 'rates.md'), 'utf8')).toContain('![By seed](<rates.svg>)');

    const page = fakeIo();
    expect(await run(['report', folder, ...with_], page), page.err()).toBe(0);
    const text = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(text).toContain('What <em>rates</em> do to <code>the loss</code>.');
    // Everything is finished: nobody is asked for anything.
    expect(await run(['resume', folder, ...with_, '--executor', 'made-up', '--json'], page), page.err()).toBe(
      0,
    );
    expect(page.err()).toContain('The study is finished');
    expect(page.err()).not.toContain('rate-50-seed-1 with');
  });

  it('grows by a flag of its own, which nobody knows without the plug-in', async () => {
    const io = fakeIo();
    const argv = ['study', 'rates', ...with_, ...small, '--rates', '50,100', '--executor', 'made-up'];
    expect(await run(argv, io), io.err()).toBe(0);
    const folder = join(io.cwd, 'runs', 'rates-moby-dick');
    const more = ['resume', folder, '--executor', 'made-up', '--more', '1'];
    for (const [flags, said] of [
      [more, "unknown option '--more'"],
      [[...more.slice(0, -2), ...with_, '--samples', '9'], 'it grows by --more alone'],
    ] as const) {
      const refused = fakeIo();
      expect(await run(flags, refused)).toBe(2);
      expect(refused.err()).toContain(said);
    }
    const grown = fakeIo();
    expect(await run([...more, ...with_], grown), grown.err()).toBe(0);
    expect(grown.out()).toContain('There are 6 runs.');
    expect(grown.err()).toContain('rate-50-seed-3 with');
    expect(grown.err()).not.toContain('rate-50-seed-2 with');
  });

  it('has a help of its own, and mistakes in its flags are told in its words', async () => {
    const help = fakeIo();
    expect(await run(['study', 'rates', ...with_, '--help'], help)).toBe(0);
    expect(help.out()).toMatch(/--rates <list> +percent of the learning rate/);
    const listed = fakeIo();
    expect(await run(['study', ...with_], listed)).toBe(0);
    expect(listed.out()).toContain('train with several learning rates');
    for (const [flags, said] of [
      [['--rates', '5'], 'Give two numbers at least'],
      [['--rates', '5,6', '--control', 'none'], 'Leave out --control'],
      [['--rates', '5,6', '--executor', 'none'], 'there is no executor of that name'],
    ] as const) {
      const io = fakeIo();
      expect(await run(['study', 'rates', ...with_, ...small, ...flags], io)).toBe(2);
      expect(io.err()).toContain(said);
    }
  });

  it('whose plug-in is not named is not known, and nothing of its folder is loaded', async () => {
    const io = fakeIo();
    const argv = ['study', 'rates', ...with_, ...small, '--rates', '50,100', '--executor', 'made-up'];
    expect(await run(argv, io)).toBe(0);
    for (const command of ['resume', 'report']) {
      const again = fakeIo();
      expect(await run([command, join(io.cwd, 'runs', 'rates-moby-dick')], again)).toBe(2);
      expect(again.err()).toContain('there is no study of that name');
    }
  });
});
