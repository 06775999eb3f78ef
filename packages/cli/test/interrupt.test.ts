import { describe, expect, it } from 'vitest';
import type { Interrupt } from '../src/index.js';
import { createProgressView } from '../src/progress/view.js';
import { interruptible } from '../src/system/interrupt.js';
import { fakeIo } from './fake-io.js';

const begin = (clock: { now: number }) => {
  const io = { ...fakeIo(), now: () => clock.now };
  return { io, ...interruptible(io, createProgressView(io, { quiet: false, plain: true })) };
};

describe('a request to end', () => {
  it.each<[Interrupt, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s stops after the step under way, and at once when it comes again', (signal, expected) => {
    const clock = { now: 0 };
    const { io, signal: stop, status } = begin(clock);
    expect({ stopping: stop.aborted, status: status() }).toEqual({ stopping: false, status: 0 });
    io.interrupt(signal);
    expect({ stopping: stop.aborted, status: status(), exits: io.exits }).toEqual({
      ...{ stopping: true, status: expected },
      exits: [],
    });
    expect(io.err()).toMatch(/Stopping after this step; .* stops at once\.\n/);
    clock.now = 1000;
    io.interrupt(signal);
    expect(io.exits).toEqual([expected]);
  });

  it('of a terminal that is closed comes several times and is one', () => {
    const clock = { now: 0 };
    const { io } = begin(clock);
    io.interrupt('SIGHUP');
    clock.now = 300;
    io.interrupt('SIGHUP');
    io.interrupt('SIGHUP');
    expect(io.exits).toEqual([]);
    io.interrupt('SIGTERM');
    expect(io.exits).toEqual([143]);
  });
});
