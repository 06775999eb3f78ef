import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createEventBus, type LigatureEvent } from '@ligature/core';
import { EventLog } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { findRuns } from '../src/find-runs.js';
import { readEvent } from '../src/read-event.js';
import { WatchedRun } from '../src/watched-run.js';
import { LEDGER, MadeRun, REST, ROWS, temporaryFolder } from './made-runs.js';

/** A run by its folder, watched with a clock that the test sets. */
function watched(folder: string): { run: WatchedRun; clock: { now: number } } {
  const clock = { now: 0 };
  return { run: new WatchedRun({ id: 'a', name: 'a', folder }, () => clock.now), clock };
}

async function pollAll(run: WatchedRun): Promise<void> {
  while (await run.poll());
}

describe('what a log tells', () => {
  it('is the same when it is read at once and while it grows', async () => {
    const folder = temporaryFolder();
    const made = new MadeRun(folder, { steps: 300 });
    const { run: live } = watched(folder);
    for (let step = 7; step < 300; step += 7) {
      made.until(step);
      await pollAll(live);
    }
    made.complete();
    await pollAll(live);
    const { run: later } = watched(folder);
    await pollAll(later);
    expect(live.detail(100)).toEqual(later.detail(100));
    expect({ ...live.summary() }).toEqual({ ...later.summary() });
    expect(live.summary()).toMatchObject({
      state: 'finished',
      step: 300,
      steps: 300,
      validation: 2.75,
      layers: 6,
    });
  });

  it('follows a hand-made log to the letter', async () => {
    const folder = temporaryFolder();
    const run = new MadeRun(folder, { layers: 3, steps: 4, controller: 'mine', seed: 9 });
    const step = (at: number, loss: number | null) => ({
      type: 'step.completed' as const,
      step: at,
      loss,
      tokens: 10,
      durationMs: 5,
    });
    run.write(
      { type: 'window.opened', window: 0, step: 0 },
      step(1, 4),
      step(2, 2),
      { type: 'reward.measured', window: 0, reward: 0.5 },
      { type: 'window.opened', window: 1, step: 2 },
      {
        type: 'tying.decided',
        ...{ window: 1, layer: 2, source: 1, kind: 'layer' },
        notes: { explored: false, epsilon: 0.25, values: [1, 3, 2] },
      },
      { type: 'tying.applied', window: 1, tieMap: [0, 1, 1] },
      step(3, null),
      step(4, 3),
    );
    run.append('{"type":"step.completed","step":-1}\nnonsense\n{"type":"something.new"}\n');
    const { run: read } = watched(folder);
    await pollAll(read);
    expect(read.summary()).toEqual({
      ...{
        id: 'a',
        name: 'a',
        controller: 'mine',
        seed: 9,
        layers: 3,
        step: 4,
        steps: 4,
        loss: 3,
        validation: null,
      },
      ...{
        ownBlocks: 2,
        tokensPerSecond: 2000,
        state: 'stopped',
        unit: 'tokens',
        damagedLines: 2,
        warnings: 0,
        loading: false,
      },
    });
    expect(read.detail(100)).toMatchObject({
      curves: {
        loss: { steps: [1, 2, 4], values: [4, 2, 3] },
        reward: { steps: [0], values: [0.5] },
        epsilon: { steps: [2], values: [0.25] },
        value: { steps: [2], values: [3] },
      },
      stretches: [
        [0, 0, 0, 4],
        [1, 1, 0, 4],
        [2, 2, 0, 2],
        [2, 1, 2, 4],
      ],
      // An old log: it does not say what was learnt.
      axes: { loss: 'nats per token', validation: 'loss, nats per token', together: true },
      decision: {
        window: 1,
        step: 2,
        layer: 2,
        source: 1,
        explored: false,
        epsilon: 0.25,
        values: [1, 3, 2],
        reward: null,
      },
    });
  });

  it('judges by the metric that the task puts first, and calls things as the task does', async () => {
    const folder = temporaryFolder();
    const run = new MadeRun(folder, { layers: 2, steps: 2 }, ROWS);
    const validation = { type: 'evaluation.completed' as const, split: 'validation', durationMs: 1 };
    run.write(
      { ...validation, step: 1, metrics: { loss: 0.5, accuracy: 0.25 } },
      { type: 'step.completed', step: 1, loss: 4, tokens: 10, durationMs: 5 },
      // What another task calls its metric is nothing here.
      { ...validation, step: 2, metrics: { nats: 7, loss: 0.5, accuracy: 0.75 } },
    );
    const { run: read } = watched(folder);
    await pollAll(read);
    expect(read.summary()).toMatchObject({ validation: 0.75, unit: 'rows', tokensPerSecond: 2000 });
    expect(read.detail(100)).toMatchObject({
      validation: { steps: [1, 2], values: [0.25, 0.75] },
      axes: { loss: 'nats per row', validation: 'accuracy', together: false },
    });
  });

  it('forgets what a roll-back undid', async () => {
    const folder = temporaryFolder();
    const made = new MadeRun(folder, { window: 5, steps: 20 }).until(10);
    made.write({ type: 'run.diverged', resumedStep: 5, step: 11 });
    const { run } = watched(folder);
    await pollAll(run);
    expect(run.summary().step).toBe(5);
    expect(run.detail(100).curves.loss.steps).toEqual([1, 2, 3, 4, 5]);
  });

  it('is what the recorder of a run writes', async () => {
    const folder = temporaryFolder();
    const bus = createEventBus();
    const log = await EventLog.create(folder, { rotateBytes: 400, keepFiles: 100 });
    log.attach(bus);
    for (let step = 1; step <= 20; step += 1) {
      const event = {
        type: 'step.completed',
        step,
        window: 0,
        loss: step,
        gradientNorm: 1,
        learningRate: 1,
        tokens: 1,
        durationMs: 1,
      };
      await bus.publish(event as LigatureEvent);
    }
    await log.close();
    const { run } = watched(folder);
    await pollAll(run);
    expect(run.detail(100).curves.loss.values).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it('stays small however often the map changes, and ends with the map in force', async () => {
    const folder = temporaryFolder();
    const made = new MadeRun(folder, { layers: 5, steps: 30_000, window: 3 }).until(30_000);
    const { run } = watched(folder);
    await pollAll(run);
    const { stretches, step } = run.detail(100);
    expect(stretches.length).toBeLessThan(720 * 5);
    const last = Array.from({ length: 5 }, (_, layer) => stretches.filter(([of]) => of === layer).at(-1));
    expect(last.map((one) => one?.[1])).toEqual(made.map);
    expect(last.map((one) => one?.[3])).toEqual(Array(5).fill(step));
  });

  it('calls a run running while its log grows or a living process holds its lock', async () => {
    const folder = temporaryFolder();
    const made = new MadeRun(folder).until(10);
    const { run, clock } = watched(folder);
    await pollAll(run);
    expect(run.summary().state).toBe('stopped');
    made.until(20);
    await pollAll(run);
    expect(run.summary().state).toBe('running');
    clock.now += 60_000;
    await pollAll(run);
    expect(run.summary().state).toBe('stopped');
    writeFileSync(join(folder, 'run.lock'), JSON.stringify({ pid: process.pid, host: hostname() }));
    clock.now += 60_000;
    await pollAll(run);
    expect(run.summary().state).toBe('running');
  });
});

describe('a line of a log', () => {
  it('is refused when it could hurt', () => {
    const { ledger, ...rest } = { ...REST['tying.applied'], ledger: LEDGER };
    const map = (tieMap: unknown): string =>
      JSON.stringify({ type: 'tying.applied', window: 0, ...rest, tieMap, ledger });
    expect(readEvent(map([0, 0, 1]))).toMatchObject({ tieMap: [0, 0, 1] });
    for (const bad of [[], [1], [0, 2], [0, -1], [0, 0.5], Array(5000).fill(0), 'no'])
      expect(readEvent(map(bad)), JSON.stringify(bad).slice(0, 30)).toBe('damaged');
    expect(readEvent('['.repeat(100_000))).toBe('damaged');
    const raised = (message: string): string =>
      JSON.stringify({ type: 'diagnostic.raised', code: 'a', window: 0, message, evidence: {} });
    expect(readEvent(raised('much'))).toMatchObject({ message: 'much' });
    // It would be kept.
    expect(readEvent(raised('much '.repeat(2000)))).toBe('damaged');
    const begun = (lossUnit: string): string =>
      JSON.stringify({
        ...{ type: 'run.started', ...REST['run.started'], ...ROWS, lossUnit },
        ...{ seed: 1, steps: 1, controller: 'a', tieMap: [0] },
      });
    expect(readEvent(begun('nats per row'))).toMatchObject({ unit: 'rows' });
    expect(readEvent(begun('nats '.repeat(100)))).toBe('damaged');
    expect(readEvent('{"type":"constructor"}')).toBeUndefined();
    expect(readEvent('{"type":"__proto__"}')).toBeUndefined();
  });
});

describe('the runs of a folder', () => {
  it('are found in studies, too, with names and ids that stay', async () => {
    const root = temporaryFolder();
    for (const name of [
      'b',
      'compare/none-seed-1',
      'compare/none-seed-10',
      'compare/none-seed-2',
      'sweep/trials/1',
    ])
      new MadeRun(join(root, name));
    mkdirSync(join(root, 'b', 'inside'));
    new MadeRun(join(root, 'b', 'inside'));
    mkdirSync(join(root, 'empty'));
    const found = await findRuns(root);
    expect(found.map(({ name }) => name)).toEqual([
      ...['b', 'compare/none-seed-1', 'compare/none-seed-2', 'compare/none-seed-10', 'sweep/trials/1'],
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(5);
    expect(await findRuns(root)).toEqual(found);
    expect((await findRuns(join(root, 'b'))).map(({ name }) => name)).toEqual(['.']);
  });
});
