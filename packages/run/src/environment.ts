/** What surrounds a run in Node: folders, files, a bus that sees its handlers through. */
import { createEventBus, type Choice, type Dataset, type EventBus, type RunConfig } from '@ligature/core';
import { asyncHandlerContext, type LateFailures } from '@ligature/core/node';
import { resolveDataset } from '@ligature/datasets';
import { tell, type ComposeEnvironment } from './compose-environment.js';
import { parallelEncoder } from './encode/pool.js';
import { fileCache } from './file-cache.js';
import { watchLateFailures } from './late-failures.js';

/** A command line: `ligature train --steps 10` without its first word, and the version of the program. */
export interface StartedBy {
  readonly version: string;
  readonly words: readonly string[];
}

/** What surrounds a run: who makes its parts, where it may write, who watches. */
export interface RunEnvironment extends Pick<
  ComposeEnvironment,
  'host' | 'cwd' | 'now' | 'signal' | 'stored'
> {
  /** Tokenizers and token ids that another run can use again; safe to delete at any time. */
  readonly cacheFolder: string;
  /** Plug-ins that the user named for opening a finished run; those in the run's own files are never loaded. */
  readonly plugins?: readonly string[];
  /**
   * Given the bus before anything else is done: progress lines subscribe here. Stages, notices, the progress of
   * evaluations and where a resumed run stands come as events like all others.
   */
  readonly listen?: (bus: EventBus) => void;
  /** Milliseconds to wait for a process on this machine that is still at the run's folder; left out: none. */
  readonly patience?: number;
  /**
   * What fails in the process when nobody waits for it any more: it fails the run. Left out: Node does with it what it does,
   * which is to end the process.
   */
  readonly lateFailures?: LateFailures;
  /** Digests of the data that a new run is to have, by split, since it is to be set beside others. */
  readonly digests?: Readonly<Record<string, string>>;
  /** The command that began it, without places on this machine: kept in the manifest. */
  readonly command?: StartedBy;
}

/** The same for one piece of work: all that composing takes. */
export interface HeardEnvironment extends RunEnvironment, ComposeEnvironment {}

/** Makes the bus of a piece of work. Who asks for it disposes it. */
export function withBus(env: RunEnvironment): HeardEnvironment {
  const bus = createEventBus({ context: asyncHandlerContext() });
  env.listen?.(bus);
  return onBus(env, bus);
}

/** The surroundings of work that is told on a bus that is there already. */
export function onBus(env: RunEnvironment, bus: EventBus): HeardEnvironment {
  return {
    ...env,
    bus,
    cache: fileCache(env.cacheFolder),
    openDataset: (choice) => openDataset(choice, { ...env, bus }),
    encoder: (choice) => parallelEncoder(choice, env.host),
  };
}

/** A dataset by name, by the path of a text file or folder, or from elsewhere. */
async function openDataset(
  { name: written, options: given }: Choice,
  env: RunEnvironment & Pick<ComposeEnvironment, 'bus'>,
): Promise<Dataset> {
  const { name, options } = await resolveDataset(written, {
    known: env.host.names('datasets'),
    folder: env.cwd,
    given,
  });
  return env.host.create(
    'datasets',
    name,
    { ...options, ...given },
    {
      ...{ source: written, folder: env.cwd, cacheFolder: env.cacheFolder },
      ...(env.signal && { signal: env.signal }),
      stage: (message, progress) =>
        tell(env.bus, { type: 'stage.entered', message, ...(progress && { progress }) }),
      notice: (message) => tell(env.bus, { type: 'notice.raised', message }),
    },
  );
}

/** The same before there is a run: the trials of a study learn from one state of what is published. */
export const pinnedConfig = (config: RunConfig, env: RunEnvironment): Promise<RunConfig> =>
  heard(env, (inside) => pinDataset(config, inside));

/** The configuration with a choice of dataset that gives the same data whenever the run goes on. */
export async function pinDataset(config: RunConfig, env: HeardEnvironment): Promise<RunConfig> {
  if (config.dataset === null) return config;
  const dataset = await openDataset(config.dataset, env);
  const pinned = await dataset.pinned?.();
  if (pinned === undefined) return config;
  const { name, options } = config.dataset;
  return { ...config, dataset: { name: pinned.name ?? name, options: { ...options, ...pinned.options } } };
}

/** Does work that has a bus of its own. */
export async function heard<T>(env: RunEnvironment, work: (env: HeardEnvironment) => Promise<T>): Promise<T> {
  const inside = withBus(env);
  const late = watchLateFailures(env.lateFailures, inside.bus);
  try {
    const result = await work(inside);
    late.check();
    return result;
  } finally {
    late.stop();
    inside.bus.dispose();
  }
}
