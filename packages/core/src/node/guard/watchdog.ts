/** The thread that watches this one: begun when it is needed, and never what keeps the process alive. */
import { Worker } from 'node:worker_threads';
import { watchThread, type ToThread, type Watched } from './watch-thread.js';

const GLOBAL = '@ligature/core/watched';

/** `__name` is what some compilers wrap functions in. */
const SOURCE = `const __name = (one) => one; (${watchThread.toString()})(require, ${JSON.stringify(GLOBAL)})`;

/** @param watched what the thread may have done in this one */
export function lazyWatchdog(watched: Watched): (message: ToThread) => void {
  let worker: Worker | undefined;
  return (message) => {
    worker ??= begin(watched);
    worker.postMessage(message);
  };
}

function begin(watched: Watched): Worker {
  Object.assign(globalThis, { [Symbol.for(GLOBAL)]: watched });
  // Nothing of this process's loaders and options is needed there.
  const worker = new Worker(SOURCE, { eval: true, execArgv: [], env: {} });
  // Without it, code that does not return is not ended; everything else is as ever.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}
