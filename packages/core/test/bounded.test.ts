import { describe, expect, it } from 'vitest';
import { createEventBus, foldRun, largest, smallest, type LigatureEvent } from '../src/index.js';
import { madeRun } from './made-events.js';

const notes = (value: object): LigatureEvent => ({
  ...{ type: 'tying.decided', window: 0, layer: 1, source: 0, kind: 'layer' },
  notes: value,
});
const nested = (levels: number): object => {
  let value: object = {};
  for (let level = 0; level < levels; level += 1) value = { value };
  return value;
};

describe('an event', () => {
  it.each<[string, LigatureEvent]>([
    ['of 200 MB of text', notes({ why: 'x'.repeat(2e8) })],
    ['of millions of numbers', notes({ values: new Array<number>(3_000_000).fill(0.5) })],
    ['of long names', notes({ ['x'.repeat(2 ** 24)]: 1 })],
    ['nested without end', notes(nested(100_000))],
    [
      'of a plug-in that is too large',
      {
        type: 'evaluation.completed',
        step: 1,
        split: 'test',
        durationMs: 1,
        metrics: Object.fromEntries(Array.from({ length: 900_000 }, (_, at) => [`metric-${at}`, at])),
      },
    ],
  ])('%s is refused, names its type and stops the run', async (_name, event) => {
    const bus = createEventBus();
    const heard: string[] = [];
    bus.events$.subscribe(({ type }) => heard.push(type));
    await expect(bus.publish(event)).rejects.toMatchObject({
      code: 'event-too-large',
      message: expect.stringContaining(`Publish "${event.type}"`) as string,
    });
    // Whoever publishes inside a handler does not wait: the run must not go on as if nothing had happened.
    await expect(bus.publish({ type: 'stage.entered', message: 'next' })).rejects.toMatchObject({
      code: 'event-too-large',
    });
    await bus.publish({ type: 'run.failed', step: 1, code: 'event-too-large', message: 'so it ends' });
    expect(heard).toEqual(['run.failed']);
  });

  it('has a message that one can read, whoever wrote it; the rest is said to be left out', async () => {
    const bus = createEventBus();
    const heard: LigatureEvent[] = [];
    bus.events$.subscribe((event) => heard.push(event));
    const long = 'x'.repeat(1_000_000);
    await bus.publish({ type: 'diagnostic.raised', code: 'a', window: 0, message: long, evidence: {} });
    await bus.publish({
      type: 'controller.failed',
      window: 0,
      controller: 'c',
      call: 'learn',
      code: 'b',
      message: long,
    });
    await bus.publish({ type: 'notice.raised', message: 'short' });
    bus.on('step.completed').subscribe(() => {
      throw new Error(long);
    });
    await bus.publish(
      madeRun([
        { tie: 0, loss: 1, durationMs: 1, evaluates: false, warns: false, saves: false, diverges: false },
      ]).all[4]!,
    );
    await bus.idle();
    const messages = heard.flatMap((event) => ('message' in event ? [event.message] : []));
    expect(messages).toHaveLength(4);
    for (const message of messages) expect(message.length).toBeLessThan(8100);
    expect(messages[0]).toMatch(/x … \(cut at 8000 of 1000000 characters\)$/);
    expect(messages[2]).toBe('short');
  });
});

describe('many numbers', () => {
  it('have a largest and a smallest, as Math has it, also a million of them', () => {
    const many = Float64Array.from({ length: 1_000_000 }, (_, at) => (at * 7919) % 1_000_003);
    expect(() => Math.max(...many)).toThrow(RangeError);
    expect([largest(many), smallest(many)]).toEqual([1_000_002, 0]);
    expect([largest([]), smallest([])]).toEqual([Math.max(), Math.min()]);
    expect([largest([1, Number.NaN]), smallest([Number.NaN, 1])]).toEqual([Number.NaN, Number.NaN]);
  });

  it('are folded however long the run was', () => {
    const step = (at: number): LigatureEvent => ({
      ...{
        type: 'step.completed',
        step: at,
        window: 0,
        loss: 1,
        gradientNorm: 1,
        learningRate: 1,
        tokens: 1,
      },
      durationMs: 1,
    });
    const events = (function* () {
      for (let at = 1; at <= 300_000; at += 1) yield step(at);
    })();
    expect(foldRun(events).totals.tokens).toBe(300_000);
  });
});
