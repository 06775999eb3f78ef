/** Events of windows, and what a bus delivered of them. */
import type { EventBus, LigatureEvent } from '../src/index.js';

export const opened = (window: number): LigatureEvent => ({
  type: 'window.opened',
  window,
  sweep: 0,
  layer: 1,
  step: 0,
});
export const closed = (window: number): LigatureEvent => ({
  type: 'window.closed',
  window,
  layer: 1,
  step: 1,
  losses: [],
  truncated: false,
});

/** Every event as `type window`, in delivery order. */
export function trace(bus: EventBus): string[] {
  const seen: string[] = [];
  bus.events$.subscribe((event) =>
    seen.push(`${event.type} ${'window' in event ? event.window : ''}`.trim()),
  );
  return seen;
}
