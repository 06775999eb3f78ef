import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo } from './fake-io.js';

const call = async (argv: string[]) => {
  const io = fakeIo();
  const status = await run(argv, io);
  return { status, out: io.out(), err: io.err() };
};

const COMMANDS =
  'train compare sweep landscape retrain audit resume evaluate generate report dashboard plugins doctor'.split(
    ' ',
  );

describe('help', () => {
  it('is printed without arguments', async () => {
    const { status, out, err } = await call([]);
    expect(status).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(err).toBe('');
  });

  it.each(COMMANDS)('of %s fits into 80 columns and has examples', async (command) => {
    const { status, out } = await call([command, '--help']);
    expect(status).toBe(0);
    if (command !== 'doctor') expect(out).toContain(`ligature ${command}`);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('names every flag that scripts may rely on', async () => {
    const { out } = await call(['compare', '--help']);
    const names =
      'controller controllers control dataset tokenizer layers width heads context batch steps budget window seed seeds parallel backend threads plugins config out json';
    for (const name of names.split(' ')) expect(out).toMatch(new RegExp(`^ {2}--${name}\\b`, 'm'));
  });

  it.each<[string, string, string]>([
    ['train', 'controller', 'controllers control seeds parallel'],
    ['sweep', 'controller seeds parallel', 'controllers control'],
    ['landscape', 'controllers seeds parallel', 'controller control'],
    ['audit', 'controller seeds parallel', 'controllers control'],
  ])('of %s shows the flags that mean something to it', async (command, shown, hidden) => {
    const { out } = await call([command, '--help']);
    for (const name of shown.split(' ')) expect(out).toMatch(new RegExp(`^ {2}--${name} `, 'm'));
    for (const name of hidden.split(' ')) expect(out).not.toMatch(new RegExp(`^ {2}--${name} `, 'm'));
  });

  it('prints the version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await call(['--version'])).toMatchObject({ status: 0, out: `${version}\n` });
  });
});
