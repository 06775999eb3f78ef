/** What fails when nobody waits for it any more, in a timer or a promise of a plug-in, fails the run that is under way. */
import type { EventBus } from '@ligature/core';
import type { LateFailures } from '@ligature/core/node';

export interface LateWatch {
  /** @throws what has failed since, if anything did */
  check(): void;
  stop(): void;
}

/** The next event of the run fails with it, so that the run ends as with every other failure. */
export function watchLateFailures(failures: LateFailures | undefined, bus: EventBus): LateWatch {
  let failure: { readonly error: unknown } | undefined;
  const check = (): void => {
    if (failure) throw failure.error;
  };
  if (failures === undefined) return { check, stop: () => undefined };
  const forget = failures.onFailure((error) => (failure ??= { error }));
  const remove = bus.handle({
    type: '*',
    phase: 'observe',
    name: 'late failures',
    handle: ({ type }) => {
      // Which says that it failed.
      if (type !== 'run.failed') check();
    },
  });
  return {
    check,
    stop() {
      forget();
      remove();
    },
  };
}
