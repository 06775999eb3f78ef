import { AsyncLocalStorage } from 'node:async_hooks';
import { bufferCount, map } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  createEventBus,
  HandlerError,
  PHASES,
  synchronousContext,
  type HandlerContext,
  type LigatureEvent,
} from '../src/index.js';
import { asyncHandlerContext } from '../src/node/index.js';
import { closed, opened, trace } from './window-events.js';

/** Only what is to be refused after some time takes a short one: everything else must not depend on it. */
const contexts: [string, (patienceMs?: number) => HandlerContext][] = [
  ['of every platform', synchronousContext],
  ['of Node', asyncHandlerContext],
];

describe.each(contexts)('event bus with the context %s', (_, context) => {
  it('resolves publish only when every handler, also a slow one, has finished', async () => {
    const bus = createEventBus({ context: context() });
    let done = false;
    bus.handle({
      type: 'window.opened',
      phase: 'apply',
      name: 'slow',
      handle: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        done = true;
      },
    });
    const published = bus.publish(opened(0));
    expect(done).toBe(false);
    await published;
    expect(done).toBe(true);
  });

  it('delivers first in, first out when handlers publish', async () => {
    const bus = createEventBus({ context: context() });
    const seen = trace(bus);
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'a',
      handle: (event, publish) => {
        if (event.window !== 0) return;
        publish(closed(0));
        publish(closed(1));
      },
    });
    bus.handle({
      type: 'window.closed',
      phase: 'measure',
      name: 'b',
      handle: (event, publish) => {
        if (event.window === 0) publish(opened(1));
      },
    });
    await bus.publish(opened(0));
    await bus.idle();
    // Depth-first delivery would show "opened 1" before "closed 1".
    expect(seen).toEqual(['window.opened 0', 'window.closed 0', 'window.closed 1', 'window.opened 1']);
  });

  it('runs handlers by phase, then by name, whatever the order of registration', async () => {
    const bus = createEventBus({ context: context() });
    const order: string[] = [];
    for (const phase of [...PHASES].reverse()) {
      for (const name of ['b', 'a']) {
        bus.handle({ type: '*', phase, name, handle: () => void order.push(`${phase} ${name}`) });
      }
    }
    await bus.publish(opened(0));
    expect(order).toEqual(PHASES.flatMap((phase) => [`${phase} a`, `${phase} b`]));
  });

  it('refuses two handlers that only registration could order', () => {
    const bus = createEventBus({ context: context() });
    const spec = { type: 'window.opened', phase: 'apply', name: 'twin', handle: () => undefined } as const;
    bus.handle(spec);
    expect(() => bus.handle({ ...spec, type: '*' })).toThrow(/there is one of that name/);
    bus.handle({ ...spec, type: 'window.closed' });
    expect(bus.handlerCount).toBe(2);
  });

  it('stops at a handler that throws, names it, and lets only run.failed pass', async () => {
    const bus = createEventBus({ context: context() });
    const seen = trace(bus);
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'bad-controller',
      handle: () => {
        throw new Error('no such layer.');
      },
    });
    const failing = bus.publish(opened(0));
    const queued = bus.publish(closed(0));
    const error = await failing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HandlerError);
    expect((error as HandlerError).message).toBe(
      'Handle "window.opened" in "bad-controller": no such layer. The run stops here; mend the handler',
    );
    await expect(queued).rejects.toBe(error);
    await expect(bus.publish(closed(1))).rejects.toBe(error);
    await expect(bus.idle()).rejects.toBe(error);
    await bus.publish({ type: 'run.failed', step: 0, code: 'handler-failed', message: 'x' });
    expect(seen).toEqual(['run.failed']);
  });

  it('a failing consequence fails the next publish, because nobody awaits the consequence', async () => {
    const bus = createEventBus({ context: context() });
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'a',
      handle: (_, publish) => publish(closed(0)),
    });
    bus.handle({
      type: 'window.closed',
      phase: 'measure',
      name: 'b',
      handle: () => Promise.reject(new Error('boom')),
    });
    await bus.publish(opened(0));
    await expect(bus.publish(opened(1))).rejects.toThrow(/in "b": boom/);
  });

  it('refuses to be awaited inside a handler instead of hanging', async () => {
    const bus = createEventBus({ context: context() });
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'impatient',
      handle: async () => {
        await bus.publish(closed(0));
      },
    });
    await expect(bus.publish(opened(0))).rejects.toThrow(/the handler would wait for itself/);
  });

  it('cuts off a listener that throws, reports it by name, and serves the others', async () => {
    const bus = createEventBus({ context: context() });
    const seen = trace(bus);
    let calls = 0;
    bus.on('window.opened', 'plotter').subscribe(() => {
      calls += 1;
      throw new Error('no canvas');
    });
    await bus.publish(opened(0));
    await bus.publish(opened(1));
    await bus.idle();
    expect(calls).toBe(1);
    expect(seen).toEqual(['window.opened 0', 'listener.failed', 'window.opened 1']);
  });

  it('isolates errors inside operators too, and names the event', async () => {
    const bus = createEventBus({ context: context() });
    const failures: LigatureEvent[] = [];
    bus.on('listener.failed').subscribe((event) => failures.push(event));
    bus
      .on('window.opened', 'averager')
      .pipe(
        map((event) => {
          if (event.window === 1) throw new Error('division by zero');
          return event.window;
        }),
      )
      .subscribe();
    for (const window of [0, 1, 2]) await bus.publish(opened(window));
    await bus.idle();
    expect(failures).toEqual([
      {
        type: 'listener.failed',
        listener: 'averager',
        event: 'window.opened',
        message: 'division by zero',
      },
    ]);
  });

  it('works with RxJS operators', async () => {
    const bus = createEventBus({ context: context() });
    const means: number[] = [];
    bus
      .on('window.opened')
      .pipe(
        map((event) => event.window),
        bufferCount(2),
      )
      .subscribe(([a, b]) => means.push(((a as number) + (b as number)) / 2));
    for (const window of [0, 1, 2, 3]) await bus.publish(opened(window));
    expect(means).toEqual([0.5, 2.5]);
  });

  it('lets listeners and handlers leave during delivery', async () => {
    const bus = createEventBus({ context: context() });
    const seen: string[] = [];
    const first = bus.handle({
      type: 'window.opened',
      phase: 'observe',
      name: 'first',
      handle: () => {
        seen.push('first');
        first();
        second();
      },
    });
    const second = bus.handle({
      type: 'window.opened',
      phase: 'observe',
      name: 'second',
      handle: () => void seen.push('second'),
    });
    const subscription = bus.events$.subscribe(() => {
      seen.push('listener');
      subscription.unsubscribe();
    });
    await bus.publish(opened(0));
    await bus.publish(opened(1));
    // The delivery under way keeps its list; the next one has neither.
    expect(seen).toEqual(['first', 'second', 'listener']);
  });

  it('completes its listeners and refuses events after dispose', async () => {
    const bus = createEventBus({ context: context() });
    let completed = false;
    bus.events$.subscribe({ complete: () => (completed = true) });
    bus.dispose();
    expect(completed).toBe(true);
    await expect(bus.publish(opened(0))).rejects.toThrow(/the bus was disposed/);
  });

  it('refuses to be awaited later in a handler, too, instead of hanging', async () => {
    const bus = createEventBus({ context: context(30) });
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'impatient',
      handle: async () => {
        await Promise.resolve();
        await bus.publish(closed(0));
      },
    });
    await expect(bus.publish(opened(0))).rejects.toThrow(/the handler would wait for itself/);
    await expect(bus.idle()).rejects.toThrow(HandlerError);
  });

  it('lets a slow handler publish after what it awaited, and others wait for it', async () => {
    const bus = createEventBus({ context: context() });
    const seen = trace(bus);
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'slow',
      handle: async (_event, publish) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        publish(closed(0));
      },
    });
    const first = bus.publish(opened(0));
    // From outside, while the handler runs: it waits its turn.
    const second = bus.publish(closed(1));
    await Promise.all([first, second]);
    await bus.idle();
    expect(seen).toEqual(['window.opened 0', 'window.closed 1', 'window.closed 0']);
  });

  it('freezes what it is given all the way down: a listener that writes is isolated', async () => {
    const bus = createEventBus({ context: context() });
    const failures: LigatureEvent[] = [];
    bus.on('listener.failed').subscribe((event) => failures.push(event));
    const evidence = { share: 1 };
    const event: LigatureEvent = {
      ...{ type: 'diagnostic.raised', code: 'a', window: 0, message: 'b' },
      evidence: Object.freeze({ ...evidence }),
    };
    const whole: LigatureEvent = { ...closed(0), losses: [1] } as LigatureEvent;
    const thrown: unknown[] = [];
    bus.on('window.closed', 'writer').subscribe((heard) => {
      try {
        (heard.losses as number[]).push(2);
      } catch (error) {
        thrown.push(error);
        throw error;
      }
    });
    bus.on('diagnostic.raised', 'deep writer').subscribe((heard) => {
      (heard.evidence as { share: number }).share = 2;
    });
    await bus.publish(whole);
    await bus.publish(event);
    await bus.idle();
    expect(thrown[0]).toBeInstanceOf(TypeError);
    expect(whole).toMatchObject({ losses: [1] });
    expect(failures.map((failure) => failure.type === 'listener.failed' && failure.listener)).toEqual([
      'writer',
      'deep writer',
    ]);
  });

  it("gives transient events to listeners and to those who name them, not to handlers of '*'", async () => {
    const bus = createEventBus({ context: context() });
    const heard: string[] = [];
    const told: string[] = [];
    const seen = trace(bus);
    bus.handle({ type: '*', phase: 'record', name: 'log', handle: ({ type }) => void heard.push(type) });
    bus.handle({
      ...{ type: 'stage.entered', phase: 'record', name: 'breath' },
      handle: ({ type }) => void told.push(type),
    });
    await bus.publish({ type: 'stage.entered', message: 'Reading …' });
    await bus.publish(opened(0));
    expect(heard).toEqual(['window.opened']);
    expect(told).toEqual(['stage.entered']);
    expect(seen).toEqual(['stage.entered', 'window.opened 0']);
  });
});

describe('the context of every platform', () => {
  it('refuses whoever waits too long for a handler, and delivers the event all the same', async () => {
    const bus = createEventBus({ context: synchronousContext(5) });
    const seen = trace(bus);
    let finish = (): void => undefined;
    bus.handle({
      type: 'window.opened',
      phase: 'decide',
      name: 'slow',
      handle: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    const first = bus.publish(opened(0));
    await expect(bus.publish(closed(1))).rejects.toMatchObject({ code: 'publish-awaited-in-handler' });
    expect(seen).toEqual([]);
    finish();
    await first;
    await bus.idle();
    expect(seen).toEqual(['window.opened 0', 'window.closed 1']);
  });
});

describe('the context of Node', () => {
  it('leaves nothing behind that Node would ask at every later promise', async () => {
    const disable = vi.spyOn(AsyncLocalStorage.prototype, 'disable');
    const bus = createEventBus({ context: asyncHandlerContext() });
    bus.handle({ type: '*', phase: 'observe', name: 'first', handle: () => undefined });
    await bus.publish(opened(0));
    expect(disable).not.toHaveBeenCalled();
    bus.dispose();
    expect(disable).toHaveBeenCalledTimes(1);
    disable.mockRestore();
  });
});
