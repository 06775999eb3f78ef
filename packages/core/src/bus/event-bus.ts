import type { Observable } from 'rxjs';
import type { EventOf, EventType, LigatureEvent } from './events.js';

/** The order in which the handlers of one event run. Inside a phase they run in order of their names. */
export const PHASES = ['observe', 'decide', 'apply', 'measure', 'learn', 'record'] as const;
export type Phase = (typeof PHASES)[number];

/** Publishes from inside a handler: queued behind everything already published, never awaited there. */
export type Publish = (event: LigatureEvent) => void;

export interface HandlerSpec<T extends EventType> {
  readonly type: T | readonly T[] | '*';
  readonly phase: Phase;
  /** Named in errors, and the order inside a phase; unique per event type and phase. */
  readonly name: string;
  handle(event: EventOf<T>, publish: Publish): void | Promise<void>;
}

/** The run's bus. See `createEventBus` for its rules. */
export interface EventBus {
  /** Resolves when every handler of this event has finished; rejects with HandlerError when one threw. */
  publish(event: LigatureEvent): Promise<void>;
  /** Resolves when nothing is queued or being handled; rejects when a handler has thrown. */
  idle(): Promise<void>;
  /** Adds an awaited handler; returns a function that removes it. */
  handle<T extends EventType>(spec: HandlerSpec<T>): () => void;
  /** Every event, for listeners that only look. */
  readonly events$: Observable<LigatureEvent>;
  /** Events of one type, for listeners that only look; `name` is used when the listener throws. */
  on<T extends EventType>(type: T, name?: string): Observable<EventOf<T>>;
  /** Completes `events$` and drops all handlers. */
  dispose(): void;
}
