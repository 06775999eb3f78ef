/** The other side of watchdog.mjs: tells it which case runs. */
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  enter(target: string): void;
  leave(): void;
  stop(): Promise<void>;
}

/** @param seconds how long one case may take before the process is ended */
export function startWatchdog(names: readonly string[], seed: number, seconds = 30): Watchdog {
  const shared = new SharedArrayBuffer(12);
  const state = new Int32Array(shared);
  const worker = new Worker(new URL('./watchdog.mjs', import.meta.url), {
    workerData: { shared, names, seconds, seed },
    execArgv: [],
  });
  worker.unref();
  return {
    enter(target) {
      const index = names.indexOf(target);
      state[1] = state[0] === index ? (state[1] as number) + 1 : 1;
      state[0] = index;
      state[2] = 1;
    },
    leave: () => void (state[2] = 0),
    stop: async () => void (await worker.terminate()),
  };
}
