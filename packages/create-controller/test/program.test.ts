import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, type Io } from '../src/program.js';
import { emptyFolder } from './folder.js';

interface Session {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly cwd: string;
  readonly asked: readonly string[];
}

/** @param answers what the person at the terminal types; left out: there is no terminal */
async function session(argv: readonly string[], answers?: readonly string[]): Promise<Session> {
  const written = { out: '', err: '' };
  const asked: string[] = [];
  const ask = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answers?.[asked.length - 1] ?? '');
  };
  const cwd = emptyFolder();
  const io: Io = {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    cwd,
    ...(answers && { ask }),
  };
  return { status: await run(argv, io), ...written, cwd, asked };
}

describe('create-controller', () => {
  it('makes the package and says how to go on', async () => {
    const { status, out, err, cwd } = await session(['@me/greedy', '--summary', 'Ties all it can.']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('npm install --prefix greedy\n');
    expect(out).toContain('npx ligature compare --plugins ./greedy --controllers none,greedy --steps 400\n');
    // The place that it tells the reader to begin with is there.
    const rule = /decision rule is in (\S+\.ts)\./.exec(out)?.[1];
    expect(existsSync(join(cwd, rule!))).toBe(true);
    expect(readFileSync(join(cwd, 'greedy', 'README.md'), 'utf8')).toContain('\nTies all it can.\n');
  });

  it('prints the files of a dry run', async () => {
    const { status, out, cwd } = await session(['greedy', '--dry-run']);
    expect(status).toBe(0);
    expect(out).toContain('Would make:\n  greedy/.github/workflows/ci.yml\n');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('asks only for what is missing, and only without a name', async () => {
    expect((await session(['greedy'], ['never'])).asked).toEqual([]);
    const { asked, cwd } = await session(['--author', 'Ada'], ['  ', "It's greedy"]);
    expect(asked).toHaveLength(2);
    const made = join(cwd, 'my-controller');
    expect(JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'))).toMatchObject({
      name: 'my-controller',
      description: "It's greedy",
      author: 'Ada',
    });
  });

  it('says at once that a name will not do, before it asks for more', async () => {
    const { status, asked, err } = await session([], ['Not A Name', 'unused']);
    expect(status).toBe(2);
    expect(asked).toHaveLength(1);
    expect(err).toMatch(/^error: Make a package named "Not A Name"\n {2}found: .+\n {2}to do: .+\n$/);
  });

  it.each([
    [[], 'no name was given'],
    [['a', 'b'], 'too many arguments'],
    [['a', '--sumary', 'x'], 'Did you mean --summary?'],
    [['random'], 'a controller "random" of its own'],
  ])('refuses %j with status 2', async (argv, message) => {
    const { status, out, err, cwd } = await session(argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('prints its help and its version', async () => {
    const help = await session(['--help']);
    expect(help).toMatchObject({ status: 0, err: '' });
    for (const flag of ['--summary', '--author', '--dry-run', 'my-controller'])
      expect(help.out).toContain(flag);
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await session(['--version'])).toMatchObject({ status: 0, out: `${version}\n` });
  });
});
