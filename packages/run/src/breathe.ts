import type { EventBus } from '@ligature/core';

/**
 * Gives the event loop a turn after each step. Backends that compute in this thread would otherwise keep
 * timers, signals and messages from being heard until the run is over.
 */
export function breathe(bus: EventBus): void {
  bus.handle({
    type: ['step.completed', 'evaluation.completed'],
    phase: 'record',
    name: 'breathe',
    handle: () => new Promise((resolve) => setImmediate(resolve)),
  });
}
