import { firstValueFrom, map, share, startWith, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createEventBus, type EventBus } from '../src/index.js';
import { opened } from './window-events.js';

describe('listeners through RxJS', () => {
  /** A listener that throws, behind operators. */
  const failing = (bus: EventBus, name: string) => bus.on('window.opened', name);
  const bad = (): never => {
    throw new Error('no canvas');
  };
  const failuresOf = (bus: EventBus): string[] => {
    const found: string[] = [];
    bus.on('listener.failed').subscribe(({ listener }) => found.push(listener));
    return found;
  };

  it('are isolated behind any number of pipes, and by their observers', async () => {
    const bus = createEventBus();
    const failures = failuresOf(bus);
    const doubled = failing(bus, 'piped')
      .pipe(map(({ window }) => window))
      .pipe()
      .pipe(map((window) => 2 * window));
    doubled.subscribe(bad);
    failing(bus, 'observer').subscribe({ next: bad });
    failing(bus, 'completing').subscribe({ complete: bad });
    let calls = 0;
    doubled.subscribe(() => (calls += 1));
    for (const window of [0, 1]) await bus.publish(opened(window));
    await bus.idle();
    expect(calls).toBe(2);
    expect(failures).toEqual(['piped', 'observer']);
    expect(() => bus.dispose()).not.toThrow();
  });

  it('are isolated at a value that is there before they have subscribed', async () => {
    const bus = createEventBus();
    const failures = failuresOf(bus);
    let calls = 0;
    failing(bus, 'early')
      .pipe(startWith(opened(7)))
      .subscribe(() => {
        calls += 1;
        bad();
      });
    await bus.publish(opened(0));
    await bus.idle();
    expect(calls).toBe(1);
    expect(failures).toEqual(['early']);
  });

  it('leave nothing subscribed when an operator has had enough', async () => {
    const bus = createEventBus();
    let mapped = 0;
    const counted = bus.on('window.opened').pipe(map(() => (mapped += 1)));
    counted.pipe(take(1)).subscribe();
    const first = firstValueFrom(counted);
    const shared = counted.pipe(share());
    const both = [shared.subscribe(), shared.subscribe()];
    await bus.publish(opened(0));
    expect(await first).toBe(2);
    for (const one of both) one.unsubscribe();
    expect(mapped).toBe(3);
    await bus.publish(opened(1));
    expect(mapped).toBe(3);
  });
});
