// A thread that ends the process when the case that runs does not end: a reader that hangs cannot be interrupted.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { shared, names, seconds, seed } = workerData;
const state = new Int32Array(shared);
let last = '';
let since = 0;

setInterval(() => {
  const [target, started, running] = state;
  const now = `${target} ${started}`;
  since = running === 1 && now === last ? since + 1 : 0;
  last = now;
  if (since < seconds) return;
  const name = names[target];
  writeSync(
    2,
    `fuzz: ${name}: case ${started} has not ended after ${seconds} s (seed ${seed}).\n` +
      `Reproduce: npm run test:fuzz -- --target ${name} --seed ${seed} --cases ${started}\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}, 1000);
