import { AsyncLocalStorage } from 'node:async_hooks';
import type { HandlerContext } from '../bus/handler-context.js';

/** Sees a handler through all that it awaits: a publish that it awaits anywhere is refused at once. For one bus. */
export function asyncHandlerContext(): HandlerContext {
  const storage = new AsyncLocalStorage<string>();
  return {
    run: async (handler, work) => storage.run(handler, work),
    current: () => storage.getStore(),
    // Node keeps a storage that was used, and asks it at every promise, until it is told that nobody needs it.
    dispose: () => storage.disable(),
  };
}
