/** A process that does not move, or does not end, is not waited for without end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrialOrder, TrialSignal } from '@ligature/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { inChild } from '../../src/executors/child-process.js';
import { watchChild } from '../../src/executors/watch-child.js';

const order = { id: 'one', label: 'one', seed: 1 } as unknown as TrialOrder;

/** A process of a trial that does as `program` says. @returns its outcome, and what it told */
function trial(program: string, looks = 5) {
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'ligature-child-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'program.mjs');
  writeFileSync(path, `import fs from 'node:fs';\n${program}`);
  const heard: string[] = [];
  const on = (signal: TrialSignal): void => void (signal.kind === 'printed' && heard.push(signal.line));
  const local = { order, folder, from: null, cwd: folder, cacheFolder: folder };
  const outcome = inChild(local, on, stop.signal, pathToFileURL(path), { every: 20, looks });
  return { outcome, heard, stop };
}

const done = "process.send({ kind: 'done', result: { outcome: 'stopped' } }, () => process.exit(0));";

describe.skipIf(process.platform === 'win32')('the process of a trial', () => {
  it('that is stopped is named, and ended when it does not go on', async () => {
    const { outcome, heard } = trial(
      "process.on('message', () => process.kill(process.pid, 'SIGSTOP')); setInterval(() => {}, 1000);",
    );
    await expect(outcome).rejects.toMatchObject({
      code: 'trial-stopped',
      message: expect.stringMatching(/process \d+ was stopped \(SIGSTOP\)/) as string,
    });
    expect(heard.filter((line) => line.includes('kill -CONT'))).toHaveLength(1);
  }, 60_000);

  it('that is stopped goes on when it is told to end, and saves what it has', async () => {
    const { outcome, heard, stop } = trial(
      `process.on('message', ({ kind }) => {
        if (kind === 'stop') ${done}
        else process.kill(process.pid, 'SIGSTOP');
      });`,
      100_000,
    );
    while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await outcome).toMatchObject({ outcome: 'stopped' });
  }, 60_000);

  it.each([
    [
      'does not hear that it is to end',
      "process.on('message', () => { fs.writeSync(1, 'here\\n'); for (;;); });",
    ],
    ['does not care that it is to end', "process.on('message', () => fs.writeSync(1, 'here\\n'));"],
  ])(
    'that %s is ended',
    async (_what, program) => {
      const { outcome, stop, heard } = trial(program);
      while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await expect(outcome).rejects.toMatchObject({ code: 'trial-unresponsive' });
    },
    60_000,
  );

  it('that works on, and says so, is waited for as long as it takes', async () => {
    const { watch, kill } = watched();
    watch.endsSoon();
    expect(kill.mock.calls).toEqual([['SIGCONT']]);
    for (let time = 0; time < 50; time += 1) {
      await vi.advanceTimersByTimeAsync(30);
      watch.heard();
    }
    expect(kill).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(40);
    expect(kill).toHaveBeenLastCalledWith('SIGKILL');
    expect(watch.verdict).toMatchObject({ code: 'trial-unresponsive' });
    watch.dispose();
  });

  it('that was not told to end may be silent, and stopped for a while', async () => {
    let stopped = false;
    const { watch, kill, said } = watched(() => Promise.resolve(stopped));
    await vi.advanceTimersByTimeAsync(10_000);
    for (let time = 0; time < 20; time += 1) {
      stopped = time % 2 === 0;
      await vi.advanceTimersByTimeAsync(30);
    }
    expect(kill).not.toHaveBeenCalled();
    expect(said).toHaveLength(10);
    stopped = true;
    await vi.advanceTimersByTimeAsync(40);
    expect(watch.verdict).toMatchObject({ code: 'trial-stopped' });
    watch.dispose();
  });
});

/** A watch of three looks, one in ten milliseconds of a clock that the test moves. */
function watched(stopsNow = () => Promise.resolve(false)) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const kill = vi.fn(() => true);
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  return { kill, said, watch: watchChild({ pid: 7, kill }, say, { every: 10, looks: 3 }, stopsNow) };
}
