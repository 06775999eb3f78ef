/**
 * Type test: a switch over `event.type` that has every case leaves nothing over. ../types.test.ts takes away one case
 * after the other and expects the compiler to object. A new event does not compile here until it has a case.
 */
import type { EventBus, EventOf, EventType, LigatureEvent } from '../../src/index.js';

const unexpected = (event: never): never => {
  throw new Error(JSON.stringify(event));
};

/** One field of each event that only this event has in this form: narrowing reaches the payload. */
export function essence(event: LigatureEvent): unknown {
  switch (event.type) {
    case 'run.started':
      return event.controller.trim();
    case 'window.opened':
      return event.sweep?.toFixed();
    case 'layers.measured':
      return event.values.length;
    case 'tying.decided':
      return event.notes.explored;
    case 'tying.applied':
      return event.previous.length;
    case 'tying.frozen':
      return event.tieMap.length;
    case 'step.completed':
      return event.gradientNorm.toFixed();
    case 'window.closed':
      return event.truncated;
    case 'reward.measured':
      return event.saturated;
    case 'controller.learned':
      return Object.values(event.report);
    case 'evaluation.completed':
      return event.split.trim();
    case 'diagnostic.raised':
      return event.evidence;
    case 'checkpoint.saved':
      return event.path.trim();
    case 'run.completed':
      return event.tokens.toFixed();
    case 'run.failed':
      return event.code.trim();
    case 'run.diverged':
      return event.resumedStep;
    case 'controller.failed':
      return event.call.trim();
    case 'listener.failed':
      return event.listener.trim();
    case 'stage.entered':
      return event.message.trim();
    case 'notice.raised':
      return event.message.trim();
    case 'evaluation.progressed':
      return event.done / event.total;
    case 'run.resumed':
      return event.steps.toFixed();
    default:
      return unexpected(event);
  }
}

/** A subscription gets the one event that it asked for. */
export function listen(bus: EventBus): void {
  bus.on('tying.applied').subscribe((event) => {
    void event.tieMap.length;
    // @ts-expect-error -- a tying has no loss
    void event.loss;
  });
  // @ts-expect-error -- there is no event of that name
  bus.on('tying.aplied');
}

/** Every event can be asked for by its type, and that type is its own. */
export const own: { readonly [T in EventType]: EventOf<T>['type'] extends T ? true : false } = {
  'run.started': true,
  'window.opened': true,
  'layers.measured': true,
  'tying.decided': true,
  'tying.applied': true,
  'tying.frozen': true,
  'step.completed': true,
  'window.closed': true,
  'reward.measured': true,
  'controller.learned': true,
  'evaluation.completed': true,
  'diagnostic.raised': true,
  'checkpoint.saved': true,
  'run.completed': true,
  'run.failed': true,
  'run.diverged': true,
  'controller.failed': true,
  'listener.failed': true,
  'stage.entered': true,
  'notice.raised': true,
  'evaluation.progressed': true,
  'run.resumed': true,
};
