/** One order, carried out in this process. */
import type { PluginHost, TrialResult, TrialSignal } from '@ligature/core';
import type { LateFailures } from '@ligature/core/node';
import { breathe, resumeTrial, runTrial, type RunEnvironment } from '@ligature/run';
import type { LocalOrder } from './messages.js';

/**
 * Milliseconds. The study is locked by whoever gave the order, so a process that is still at the folder belongs to one that
 * was killed, and ends by itself with the step under way.
 */
const PATIENCE = 60_000;

export interface Place {
  /** With the ordered plug-ins. */
  readonly host: PluginHost;
  readonly now: () => number;
  readonly stop: AbortSignal;
  /** Of a process that is the trial's own. */
  readonly lateFailures?: LateFailures;
}

export async function carryOut(
  { order, folder, from, cwd, cacheFolder }: LocalOrder,
  on: (signal: TrialSignal) => void,
  { host, now, stop, lateFailures }: Place,
): Promise<TrialResult> {
  const env: RunEnvironment = {
    ...{ host, cwd, cacheFolder, now, signal: stop, patience: PATIENCE },
    ...(lateFailures && { lateFailures }),
    plugins: order.plugins.map(({ specifier }) => specifier),
    stored: () => from ?? folder,
    ...(order.digests && { digests: order.digests }),
    listen: (bus) => {
      breathe(bus);
      bus.events$.subscribe((event) => on({ kind: 'event', event }));
    },
  };
  if (order.resume) return await resumeTrial(folder, env, { otherwise: order.backend });
  return await runTrial(order.config, folder, env, {
    ...(order.backend !== null && { backend: order.backend }),
  });
}
