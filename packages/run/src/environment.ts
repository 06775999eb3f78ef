import { createEventBus, type EventBus, type LigatureEvent, type PluginHost } from '@ligature/core';
import { asyncHandlerContext } from '@ligature/core/node';

/** A command line: `ligature train --steps 10` without its first word, and the version of the program. */
export interface StartedBy {
  readonly version: string;
  readonly words: readonly string[];
}

/** What surrounds a run: who makes its parts, where it may write, who watches. */
export interface RunEnvironment {
  readonly host: PluginHost;
  /** Relative paths of the configuration are resolved against this folder. */
  readonly cwd: string;
  /** Tokenizers and token ids that another run can use again; safe to delete at any time. */
  readonly cacheFolder: string;
  /** Plug-ins that the user named for opening a finished run; those in the run's own files are never loaded. */
  readonly plugins?: readonly string[];
  /** Folder of what a study keeps under a key, for runs that start from it. */
  readonly stored?: (key: string) => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /**
   * Given the bus before anything else is done: progress lines subscribe here. Stages, notices, the progress of
   * evaluations and where a resumed run stands come as events like all others.
   */
  readonly listen?: (bus: EventBus) => void;
  /** The command that began it, without places on this machine: kept in the manifest. */
  readonly command?: StartedBy;
  /** Stops the run cleanly after the step under way. */
  readonly signal?: AbortSignal;
}

/** The same for one piece of work, with the bus that everything it tells goes through. */
export interface HeardEnvironment extends RunEnvironment {
  readonly bus: EventBus;
}

/** Makes the bus of a piece of work. Who asks for it disposes it. */
export function withBus(env: RunEnvironment): HeardEnvironment {
  const bus = createEventBus({ context: asyncHandlerContext() });
  env.listen?.(bus);
  return { ...env, bus };
}

/** Does work that has a bus of its own. */
export async function heard<T>(env: RunEnvironment, work: (env: HeardEnvironment) => Promise<T>): Promise<T> {
  const inside = withBus(env);
  try {
    return await work(inside);
  } finally {
    inside.bus.dispose();
  }
}

/** One line before a longer piece of work. */
export function enterStage({ bus }: HeardEnvironment, message: string): Promise<void> {
  return bus.publish({ type: 'stage.entered', message });
}

/** One line that should not be lost. */
export function raiseNotice({ bus }: HeardEnvironment, message: string): Promise<void> {
  return bus.publish({ type: 'notice.raised', message });
}

/** Publishes what nobody waits for; a handler that fails at it fails the next publish. */
export function tell(bus: EventBus, event: LigatureEvent): void {
  bus.publish(event).catch(() => undefined);
}
