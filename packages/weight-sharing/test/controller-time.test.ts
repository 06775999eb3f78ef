/** Controllers that take their time: the limit, answers after it, and the timer behind it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRandomStreams, type Decision, type Observation, type RandomStream } from '@ligature/core';
import { causeOf, failures, inTime, never, typesOf } from './tying-probes.js';
import { tyingRun, type Hooks } from './tying-run.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  // Whatever happened, no timer is left.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const tie: Decision = { kind: 'layer', layer: 1, source: 0 };

describe('an answer that comes when its time is over', () => {
  /** Answers each call when the test says so. */
  function hanging() {
    const waiting: { resolve: (decision: Decision) => void; reject: (error: Error) => void }[] = [];
    const asked: number[] = [];
    const decide = (observation: Observation): Promise<Decision> => {
      asked.push(observation.window);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    };
    return { waiting, asked, decide };
  }

  it('is never applied, is reported at the next event of a window, and the controller is asked again', async () => {
    const { waiting, asked, decide } = hanging();
    const run = tyingRun({ decide }, { onMisbehaviour: 'keep-map' });
    await inTime(run.open(0, 0));
    await run.close(0, 1);
    // Not asked while it has not answered: calls never overlap.
    await run.open(1, 1);
    waiting[0]!.resolve(tie);
    await vi.advanceTimersByTimeAsync(0);
    expect(failures(run).map(({ window, code }) => [window, code])).toEqual([
      [0, 'controller-late'],
      [1, 'controller-busy'],
    ]);
    await run.close(1, 2);
    expect(failures(run).at(-1)).toMatchObject({
      window: 0,
      call: 'decide',
      code: 'controller-answered-late',
    });
    expect(run.registry.tieMap).toEqual([0, 1, 2]);
    const opening = run.open(2, 2);
    await vi.advanceTimersByTimeAsync(0);
    waiting[1]!.resolve(tie);
    await opening;
    expect(asked).toEqual([0, 2]);
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
    expect(failures(run)).toHaveLength(3);
  });

  it('may also be an error', async () => {
    const { waiting, decide } = hanging();
    const run = tyingRun({ decide }, { onMisbehaviour: 'keep-map' });
    await inTime(run.open(0, 0));
    waiting[0]!.reject(new Error('gave up'));
    await vi.advanceTimersByTimeAsync(0);
    await run.close(0, 1);
    expect(failures(run).at(-1)?.message).toMatch(/window 0: it threw Error: gave up when its time was over/);
  });

  it('changes nothing after the run was stopped', async () => {
    const { waiting, decide } = hanging();
    const run = tyingRun({ decide });
    expect(await causeOf(run.open(0, 0))).toMatchObject({ code: 'controller-late' });
    const before = typesOf(run.events);
    waiting[0]!.resolve(tie);
    await vi.advanceTimersByTimeAsync(0);
    expect(run.registry.tieMap).toEqual([0, 1, 2]);
    expect(typesOf(run.events)).toEqual(before);
  });

  it('leaves the random stream as if nobody had asked', async () => {
    let stream: RandomStream | undefined;
    const run = tyingRun(
      {
        decide(_, random) {
          stream = random;
          random.uniform();
          return never();
        },
      },
      { onMisbehaviour: 'keep-map' },
    );
    await inTime(run.open(0, 0));
    expect(() => stream?.uniform()).toThrow(expect.objectContaining({ code: 'random-loan-ended' }) as Error);
    const untouched = createRandomStreams(3).stream('policy').uniform();
    expect(run.streams.stream('policy').uniform()).toBe(untouched);
  });
});

describe('the time limit', () => {
  const after = (ms: number): Hooks => ({
    decide: () => new Promise((resolve) => setTimeout(() => resolve(tie), ms)),
  });

  it.each<[number | null, number]>([
    [2, 1999],
    [null, 80_000],
    // Beyond what a timer can hold, which Node would take for a millisecond.
    [1e9, 80_000],
  ])('of %s s is not reached after %d ms', async (timeoutSeconds, ms) => {
    const run = tyingRun(after(ms), { timeoutSeconds });
    await inTime(run.open(0, 0));
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
  });

  it('of 2 s is reached after 2001 ms', async () => {
    const run = tyingRun(after(2001), { timeoutSeconds: 2 });
    expect((await causeOf(run.open(0, 0))).message).toMatch(/no answer within 2 s/);
  });

  it('sets no timer for an answer that is there', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const run = tyingRun({ decide: () => tie, learn: () => undefined });
    await run.open(0, 0);
    await run.close(0, 1);
    expect(set).not.toHaveBeenCalled();
    set.mockRestore();
  });

  it('keeps the process alive while it waits, or a run would end without a word; not a moment longer', async () => {
    vi.useRealTimers();
    // This run's own timers: the process has others, which come and go when they like.
    const set = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    let answer: (decision: Decision) => void = () => undefined;
    const run = tyingRun({ decide: () => new Promise((resolve) => (answer = resolve)) });
    const opening = run.open(0, 0);
    await new Promise(setImmediate);
    const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.map((timer) => timer.hasRef())).toEqual([true]);
    expect(cleared).not.toHaveBeenCalled();
    answer(tie);
    await opening;
    expect(cleared.mock.calls).toEqual([[timers[0]]]);
    expect(set).toHaveBeenCalledTimes(1);
    set.mockRestore();
    cleared.mockRestore();
    vi.useFakeTimers();
  });

  it('ends with the process: detaching gives up the call that is waited for, whatever the policy', async () => {
    const run = tyingRun({ decide: never }, { onMisbehaviour: 'keep-map' });
    const opening = run.open(0, 0);
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    run.detach();
    expect(vi.getTimerCount()).toBe(0);
    expect(await causeOf(opening)).toMatchObject({ code: 'controller-abandoned' });
    expect(run.bus.handlerCount).toBe(0);
  });
});
