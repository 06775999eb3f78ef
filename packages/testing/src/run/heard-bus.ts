/** A bus that a plug-in is attached to alone: what it hears is frozen, what it says is kept. */
import { createEventBus, HandlerError } from '@ligature/core';
import type { EventBus, LigatureEvent, Phase } from '@ligature/core';
import { asyncHandlerContext } from '@ligature/core/node';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { INPUTS_UNTOUCHED } from '../harness/lent.js';
import { showError } from '../harness/show.js';

export class HeardBus {
  readonly #bus = createEventBus({ context: asyncHandlerContext() });
  readonly #ours = new Set<LigatureEvent>();
  #said: LigatureEvent[] = [];
  /** The phases in which the plug-in handles events. */
  readonly phases = new Set<Phase>();
  /** What the plug-in is given. */
  readonly bus: EventBus;

  constructor() {
    const bus = this.#bus;
    const { phases } = this;
    bus.events$.subscribe((event) => {
      if (!this.#ours.delete(event)) this.#said.push(event);
    });
    this.bus = {
      publish: (event) => bus.publish(event),
      idle: () => bus.idle(),
      handle(spec) {
        phases.add(spec.phase);
        return bus.handle(spec);
      },
      get events$() {
        return bus.events$;
      },
      on: (type, name) => bus.on(type, name),
      get handlerCount() {
        return bus.handlerCount;
      },
      dispose: () => undefined,
    };
  }

  get handlers(): number {
    return this.#bus.handlerCount;
  }

  /**
   * Publishes and waits until all is handled.
   *
   * @returns what the plug-in published meanwhile
   * @throws Finding (`plays-through`, `inputs-untouched`)
   */
  async tell(event: LigatureEvent, calls: Calls): Promise<LigatureEvent[]> {
    try {
      return await this.#tell(event, calls);
    } catch (error) {
      // Nobody goes on with it, and Node keeps a part of a bus that was not disposed.
      this.dispose();
      throw error;
    }
  }

  dispose(): void {
    this.#bus.dispose();
  }
  async #tell(event: LigatureEvent, calls: Calls): Promise<LigatureEvent[]> {
    // A copy, because the bus freezes what it is given.
    const copy = structuredClone(event);
    this.#ours.add(copy);
    this.#said = [];
    await calls.wait(`handling ${event.type}`, async () => {
      try {
        await this.#bus.publish(copy);
        await this.#bus.idle();
      } catch (error) {
        const cause = error instanceof HandlerError ? error.cause : error;
        if (cause instanceof TypeError) assertNoWrite(event, cause.message);
        throw cause;
      }
    });
    const failed = this.#said.find((said) => said.type === 'listener.failed');
    if (failed) {
      assertNoWrite(event, failed.message);
      throw new Finding(`its listener of ${event.type} threw ${showError(failed.message)}`, 'plays-through');
    }
    return this.#said;
  }
}

/** What engines say of a write to something frozen. */
const FROZEN = /read.?only|not extensible|non-configurable|cannot (add|delete|define) property/i;

/** @throws Finding when that is the error of a plug-in that wrote to an event */
function assertNoWrite({ type }: LigatureEvent, message: string): void {
  if (!FROZEN.test(message)) return;
  throw new Finding(`it tried to change the event ${type}, which is frozen: ${message}`, INPUTS_UNTOUCHED);
}
