/** Trials in the process of the study: nothing to start, nothing to send; peaks of memory are those of all of them. */
import type { Executor, ExecutorContext } from '@ligature/core';
import { carryOut } from './carry-out.js';
import { inTrialFolder } from './in-folder.js';

export function inProcess({ store, host, cwd, cacheFolder, now }: ExecutorContext): Executor {
  return {
    run: (order, on, stop) =>
      inTrialFolder(store, order, (folder, from) =>
        carryOut({ order, folder, from, cwd, cacheFolder }, on, { host, now, stop }),
      ),
  };
}
