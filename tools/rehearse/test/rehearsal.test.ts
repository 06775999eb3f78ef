/** What the rehearsal relies on: that it sees a module from elsewhere, and that nothing outlives it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumer } from '../consumer.js';
import { Processes, type Run } from '../processes.js';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'ligature-rehearsal-test-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const registry = { url: 'http://127.0.0.1:9/', close: () => undefined };

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A package that imports whatever `text` says, in a consumer's folder. */
function place(path: string, text = 'export const one = 1;'): void {
  write(`${path}/package.json`, '{ "type": "module", "exports": "./index.js" }');
  write(`${path}/index.js`, text);
}

function makeConsumer(run: Run, resolved = 'http://127.0.0.1:9/one.tgz'): Consumer {
  const consumer = new Consumer(join(folder, 'app'), registry, run, process.env);
  const lock = { packages: { 'node_modules/one': { version: '1.0.0', resolved } } };
  write('app/node_modules/.package-lock.json', JSON.stringify(lock));
  write('program.mjs', "import { one } from 'one';\nconsole.log(one);\n");
  return consumer;
}

const nothing: Run = () => Promise.resolve({ stdout: '', stderr: '' });

describe('a consumer', () => {
  it('knows where its modules come from', async () => {
    const { run } = new Processes(new AbortController().signal);
    const consumer = makeConsumer(run);
    place('app/node_modules/one');
    expect((await consumer.program(join(folder, 'program.mjs'))).stdout).toBe('1\n');
    expect([...consumer.loadedModules()].sort()).toEqual(['node_modules/one/index.js', 'program.mjs']);
    expect([...consumer.installed(/^one$/)]).toEqual([['one', '1.0.0']]);
  });

  it.each([
    ['an ES module', "export { one } from '../../../elsewhere/index.js';"],
    [
      'a CommonJS module',
      "import { createRequire } from 'node:module';\nexport const one = createRequire(import.meta.url)('../../../elsewhere/one.cjs');",
    ],
  ])('sees %s from elsewhere', async (_, text) => {
    const { run } = new Processes(new AbortController().signal);
    const consumer = makeConsumer(run);
    place('elsewhere');
    write('elsewhere/one.cjs', 'module.exports = 1;');
    place('app/node_modules/one', text);
    expect((await consumer.program(join(folder, 'program.mjs'))).stdout).toBe('1\n');
    expect(() => consumer.loadedModules()).toThrow(/elsewhere.*was loaded, which is not in/);
  });

  it('refuses a package that is a link to elsewhere, or that came from elsewhere', async () => {
    const linked = makeConsumer(nothing);
    place('workspace/one');
    mkdirSync(join(folder, 'app', 'node_modules', '@scope'));
    symlinkSync(join(folder, 'workspace', 'one'), join(folder, 'app', 'node_modules', '@scope', 'one'));
    await expect(linked.install('one')).rejects.toThrow(/@scope\/one is .*workspace/);
    rmSync(join(folder, 'app'), { recursive: true });
    const foreign = makeConsumer(nothing, 'https://example.org/one.tgz');
    await expect(foreign.install('one')).rejects.toThrow(
      /came from the registry, not from https:\/\/example\.org/,
    );
  });
});

/** Whether a process runs. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('processes', () => {
  // The shell tells the id of a sleeper that it does not wait for.
  const start = 'sleep 1000 >/dev/null 2>&1 & echo $! > sleeper';
  const sleeper = async (run: Run): Promise<number> =>
    Number((await run('cat', ['sleeper'], { cwd: folder, env: process.env })).stdout);
  const gone = async (pid: number): Promise<void> => {
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('end with everything that they started', async () => {
    const { run } = new Processes(new AbortController().signal);
    await run('sh', ['-c', start], { cwd: folder, env: process.env });
    await gone(await sleeper(run));
  });

  it('end when the rehearsal is stopped, and none is started after', async () => {
    const stop = new AbortController();
    const { run } = new Processes(stop.signal);
    const other = new Processes(new AbortController().signal);
    const waiting = run('sh', ['-c', `${start}; sleep 1000`], { cwd: folder, env: process.env });
    const found = async (): Promise<number> => await sleeper(other.run).catch(() => 0);
    let pid = 0;
    while (pid === 0) pid = await found();
    expect(isAlive(pid)).toBe(true);
    stop.abort(new Error('Enough'));
    await expect(waiting).rejects.toThrow('Enough');
    await gone(pid);
    await expect(run('true', [], { cwd: folder, env: process.env })).rejects.toThrow('Enough');
  });

  it('tell how they failed', async () => {
    const { run } = new Processes(new AbortController().signal);
    const failing = run('sh', ['-c', 'echo reason; exit 3'], { cwd: folder, env: process.env });
    await expect(failing).rejects.toThrow(/ended with status 3:\nreason/);
  });
});
