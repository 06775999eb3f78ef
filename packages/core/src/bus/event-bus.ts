/**
 * The run's bus: rules on top of an RxJS Subject.
 *
 * 1. Delivery is FIFO, also when a handler publishes: its event waits until the current one is done.
 * 2. Handlers are awaited, phase by phase (`PHASES`), inside a phase in order of their names, so the order
 *    never depends on who registered first.
 * 3. `publish` resolves when every handler of that event has finished. A handler that throws fails the bus:
 *    that publish rejects with HandlerError, what was queued is dropped, and only `run.failed` still passes.
 * 4. A handler must not await its own publishes (it would wait for itself): it gets a `publish` callback that
 *    returns nothing, and awaiting `bus.publish` inside a handler is refused with an error instead of hanging. How
 *    the bus knows that it is called from inside is the matter of a `HandlerContext`.
 * 5. `events$` shows every event once its handlers are done. A listener that throws is cut off and reported as
 *    `listener.failed`; the others and the run go on.
 * 6. An event is frozen all the way down when it is published: everybody gets the same one.
 *    One that is too large to be kept is refused and fails the bus; a message that is too long to be read is cut.
 * 7. A handler of `'*'` hears the durable events. Transient ones (stages, progress) are heard on `events$` and by
 *    handlers that name them: so nobody who records everything writes down what a second run would not repeat.
 */
import { filter, type Observable, Subject } from 'rxjs';
import { ContractError, LigatureError } from '../errors.js';
import { bounded } from '../events/bounded.js';
import { deepFreeze } from '../events/deep-freeze.js';
import type { EventOf, EventType, LigatureEvent } from '../events/events.js';
import { isDurable } from '../events/schema.js';
import { thrownMessage } from '../thrown.js';
import { synchronousContext, type HandlerContext } from './handler-context.js';
import { isolate } from './isolated-observable.js';

/** The order in which the handlers of one event run. */
export const PHASES = ['observe', 'decide', 'apply', 'measure', 'learn', 'record'] as const;
export type Phase = (typeof PHASES)[number];

/** Publishes from inside a handler: queued behind everything already published. */
export type Publish = (event: LigatureEvent) => void;

export interface HandlerSpec<T extends EventType> {
  /** The event types to handle; `'*'` handles every durable one. */
  readonly type: T | readonly T[] | '*';
  readonly phase: Phase;
  /** Named in errors, and the order inside a phase; unique per event type and phase. */
  readonly name: string;
  handle(event: EventOf<T>, publish: Publish): void | Promise<void>;
}

export interface EventBus {
  /**
   * Freezes the event. Resolves when every handler of it has finished; rejects with HandlerError when one threw.
   */
  publish(event: LigatureEvent): Promise<void>;
  /** Resolves when nothing is queued or being handled; rejects when a handler has thrown. */
  idle(): Promise<void>;
  /** Adds an awaited handler; returns a function that removes it. */
  handle<T extends EventType>(spec: HandlerSpec<T>): () => void;
  /** Every event, for listeners that only look. */
  readonly events$: Observable<LigatureEvent>;
  /** Events of one type, for listeners that only look; `name` is reported if the listener throws. */
  on<T extends EventType>(type: T, name?: string): Observable<EventOf<T>>;
  /** Number of handlers now registered: constant over a run, or something leaks. */
  readonly handlerCount: number;
  /** Completes `events$`, drops all handlers and refuses further events. */
  dispose(): void;
}

/** A handler threw. The original error is the `cause`. */
export class HandlerError extends LigatureError {
  constructor(
    readonly handler: string,
    readonly event: EventType,
    cause: unknown,
  ) {
    super(
      'handler-failed',
      {
        asked: `Handle "${event}" in "${handler}"`,
        found: thrownMessage(cause),
        todo: 'The run stops here; mend the handler',
      },
      { cause },
    );
  }
}

interface Handler {
  readonly types: readonly EventType[] | '*';
  readonly phase: Phase;
  readonly name: string;
  handle(event: LigatureEvent, publish: Publish): void | Promise<void>;
}

interface Queued {
  readonly event: LigatureEvent;
  resolve(): void;
  reject(error: unknown): void;
}

export interface EventBusOptions {
  /** Default: `synchronousContext()`, which works everywhere; `@ligature/core/node` has one that sees more. */
  readonly context?: HandlerContext;
}

const byPhaseAndName = (a: Handler, b: Handler): number =>
  PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || (a.name < b.name ? -1 : 1);

const overlaps = (a: Handler, b: Handler): boolean =>
  a.types === '*' || b.types === '*' || a.types.some((type) => b.types.includes(type));

export function createEventBus({ context = synchronousContext() }: EventBusOptions = {}): EventBus {
  return new PhasedEventBus(context);
}

class PhasedEventBus implements EventBus {
  private readonly subject = new Subject<LigatureEvent>();
  private handlers: readonly Handler[] = [];
  private queue: Queued[] = [];
  private waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  private delivering = false;
  private failure: unknown;
  private disposed = false;

  constructor(private readonly context: HandlerContext) {}

  get events$(): Observable<LigatureEvent> {
    return this.observable('events$ listener');
  }

  get handlerCount(): number {
    return this.handlers.length;
  }

  on<T extends EventType>(type: T, name = `${type} listener`): Observable<EventOf<T>> {
    return this.observable(name).pipe(filter((event): event is EventOf<T> => event.type === type));
  }

  handle<T extends EventType>(spec: HandlerSpec<T>): () => void {
    const handler: Handler = {
      types: spec.type === '*' ? '*' : Array.isArray(spec.type) ? spec.type : [spec.type as T],
      phase: spec.phase,
      name: spec.name,
      handle: (event, publish) => spec.handle(event as EventOf<T>, publish),
    };
    const twin = this.handlers.find(
      (other) => other.phase === handler.phase && other.name === handler.name && overlaps(other, handler),
    );
    if (twin) {
      throw new ContractError('handler-duplicate', {
        asked: `Add the handler "${spec.name}" in phase "${spec.phase}"`,
        found: 'there is one of that name for the same event and phase',
        todo: 'Give it another name: names decide the order inside a phase',
      });
    }
    // A new array, so that a delivery under way keeps its own list: unsubscribing during delivery is safe.
    this.handlers = [...this.handlers, handler].sort(byPhaseAndName);
    return () => {
      this.handlers = this.handlers.filter((other) => other !== handler);
    };
  }

  publish(event: LigatureEvent): Promise<void> {
    const handler = this.context.current();
    const done = this.enqueue(event, handler === undefined);
    if (handler === undefined) return done;
    // The failure itself is kept in `failure`; this copy of it has nobody to await it.
    done.catch(() => undefined);
    return refuseAwait(handler, event.type);
  }

  idle(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (!this.delivering && this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  dispose(): void {
    this.disposed = true;
    this.handlers = [];
    this.subject.complete();
    this.context.dispose();
  }

  /** @param awaitable whether somebody may wait for it: perhaps a handler that the context cannot see */
  private enqueue(event: LigatureEvent, awaitable: boolean): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      if (this.disposed || (this.failure !== undefined && event.type !== 'run.failed')) {
        reject(this.failure ?? this.closed(event));
        return;
      }
      let short: LigatureEvent;
      try {
        short = bounded(event);
      } catch (error) {
        // A handler does not wait for what it publishes: it is told by what comes next.
        this.failure ??= error;
        reject(error);
        return;
      }
      this.queue.push({ event: deepFreeze(short), resolve, reject });
      if (awaitable) this.context.queued?.((running) => reject(awaited(running, event.type)));
    });
    void this.deliver();
    return done;
  }

  /** Publishes what nobody waits for: a failure is kept, and rejects the next publish. */
  private announce(event: LigatureEvent): void {
    this.enqueue(event, false).catch(() => undefined);
  }

  private observable(name: string): Observable<LigatureEvent> {
    return isolate(this.subject, (error, event) => {
      // A listener that fails on the report of a failure would report for ever.
      if (event?.type === 'listener.failed') return;
      this.announce({
        type: 'listener.failed',
        listener: name,
        event: event?.type ?? 'unknown',
        message: thrownMessage(error),
      });
    });
  }

  private async deliver(): Promise<void> {
    if (this.delivering) return;
    this.delivering = true;
    let next: Queued | undefined;
    while ((next = this.queue.shift())) {
      try {
        await this.runHandlers(next.event);
        this.subject.next(next.event);
        next.resolve();
      } catch (error) {
        this.fail(error, next);
      }
    }
    this.delivering = false;
    const waiting = this.waiting;
    this.waiting = [];
    for (const one of waiting) one.resolve();
  }

  private async runHandlers(event: LigatureEvent): Promise<void> {
    for (const handler of this.handlers) {
      if (handler.types === '*' ? !isDurable(event) : !handler.types.includes(event.type)) continue;
      try {
        await this.context.run(handler.name, () =>
          handler.handle(event, (published) => this.announce(published)),
        );
      } catch (error) {
        throw new HandlerError(handler.name, event.type, error);
      }
    }
  }

  private fail(error: unknown, failed: Queued): void {
    this.failure ??= error;
    failed.reject(error);
    const dropped = this.queue.filter(({ event }) => event.type !== 'run.failed');
    this.queue = this.queue.filter(({ event }) => event.type === 'run.failed');
    for (const one of dropped) one.reject(error);
    const waiting = this.waiting;
    this.waiting = [];
    for (const one of waiting) one.reject(error);
  }

  private closed(event: LigatureEvent): ContractError {
    return new ContractError('bus-closed', {
      asked: `Publish "${event.type}"`,
      found: 'the bus was disposed with its run',
      todo: 'Publish before the run ends',
    });
  }
}

/** A promise that may be ignored but not awaited: awaiting it inside its own handler would never end. */
function refuseAwait(handler: string, type: EventType): Promise<void> {
  const refused = (): Promise<never> => Promise.reject(awaited(handler, type));
  const lazy = {
    then: (_resolve: unknown, reject?: (error: unknown) => unknown) => refused().then(undefined, reject),
    catch: (reject: (error: unknown) => unknown) => refused().catch(reject),
    finally: (run: () => void) => refused().finally(run),
    [Symbol.toStringTag]: 'Promise',
  };
  return lazy as unknown as Promise<void>;
}

function awaited(handler: string, type: EventType): ContractError {
  return new ContractError('publish-awaited-in-handler', {
    asked: `Await the publishing of "${type}" inside the handler "${handler}"`,
    found: 'delivery is first in, first out, so the handler would wait for itself',
    todo: 'Call the `publish` argument of the handler and do not await it',
  });
}
