/**
 * How a bus knows that it is called from inside one of its handlers. JavaScript says so of asynchronous code only with
 * help of the platform: Node has it (`asyncHandlerContext` of `@ligature/core/node`), browsers do not.
 */
export interface HandlerContext {
  /** Does the work of a handler, so that `current` names it from inside. */
  run(handler: string, work: () => void | Promise<void>): Promise<void>;
  /** The handler that is calling, as far as can be told. */
  current(): string | undefined;
  /**
   * Told of every publish that nobody was seen to call from inside. `refuse` ends its wait with an error that names the
   * handler; the event stays where it is. A context that sees everything has no use for it.
   */
  queued?(refuse: (handler: string) => void): void;
  dispose(): void;
}

/** Longer than any handler is expected to take. */
const PATIENCE_MS = 120_000;

/**
 * For every platform. What a handler does before its first `await` is seen, and a publish awaited there is refused at
 * once. One that is awaited later looks like everybody else's: it is refused when the handler that was running has not
 * come to its end within `patienceMs`, so that a run that waits for itself stops with an error and does not hang. A
 * publish of somebody else who waits for so slow a handler is refused, too; its event is delivered all the same.
 */
export function synchronousContext(patienceMs = PATIENCE_MS): HandlerContext {
  let calling: string | undefined;
  let running: string | undefined;
  const waits = new Set<ReturnType<typeof setTimeout>>();
  const forget = (): void => {
    for (const wait of waits) clearTimeout(wait);
    waits.clear();
  };
  return {
    async run(handler, work) {
      running = handler;
      try {
        calling = handler;
        let pending: void | Promise<void>;
        try {
          pending = work();
        } finally {
          calling = undefined;
        }
        await pending;
      } finally {
        running = undefined;
        forget();
      }
    },
    current: () => calling,
    queued(refuse) {
      const handler = running;
      if (handler !== undefined) waits.add(setTimeout(() => refuse(handler), patienceMs));
    },
    dispose: forget,
  };
}
