import { AsyncLocalStorage } from 'node:async_hooks';
import { bufferCount, map } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { createEventBus, HandlerError, PHASES, type EventBus, type LigatureEvent } from '../src/index.js';

const opened = (window: number): LigatureEvent => ({
  type: 'window.opened',
  window,
  sweep: 0,
  layer: 1,
  step: 0,
});
const closed = (window: number): LigatureEvent => ({
  type: 'window.closed',
  window,
  layer: 1,
  step: 1,
  losses: [],
  truncated: false,
});

/** Every event as `type window`, in delivery order. */
function trace(bus: EventBus): string[] {
  const seen: string[] = [];
  bus.events$.subscribe((event) =>
    seen.push(`${event.type} ${'window' in event ? event.window : ''}`.trim()),
  );
  return seen;
}

describe('event bus', () => {
  it('resolves publish only when every handler, also a slow one, has finished', async () => {
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
    const spec = { type: 'window.opened', phase: 'apply', name: 'twin', handle: () => undefined } as const;
    bus.handle(spec);
    expect(() => bus.handle({ ...spec, type: '*' })).toThrow(/there is one of that name/);
    bus.handle({ ...spec, type: 'window.closed' });
    expect(bus.handlerCount).toBe(2);
  });

  it('stops at a handler that throws, names it, and lets only run.failed pass', async () => {
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
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
    const bus = createEventBus();
    let completed = false;
    bus.events$.subscribe({ complete: () => (completed = true) });
    bus.dispose();
    expect(completed).toBe(true);
    await expect(bus.publish(opened(0))).rejects.toThrow(/the bus was disposed/);
  });

  it('leaves nothing behind that Node would ask at every later promise', async () => {
    const disable = vi.spyOn(AsyncLocalStorage.prototype, 'disable');
    const bus = createEventBus();
    bus.handle({ type: '*', phase: 'observe', name: 'first', handle: () => undefined });
    await bus.publish(opened(0));
    expect(disable).not.toHaveBeenCalled();
    bus.dispose();
    expect(disable).toHaveBeenCalledTimes(1);
    disable.mockRestore();
  });
});
