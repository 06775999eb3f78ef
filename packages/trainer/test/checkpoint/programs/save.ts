/** Saves checkpoints until it is stopped, and tells which are safe: `node … save.ts FOLDER FIRST LAST [MEGABYTES]`. */
import { writeSync } from 'node:fs';
import { runConfigSchema } from '@ligature/core';
import { CheckpointStore } from '../../../src/checkpoint/checkpoint-store.js';

const [folder = '', first = '1', last = '1', megabytes = '0'] = process.argv.slice(2);
const store = new CheckpointStore(folder, { keepLast: 2 });
const config = runConfigSchema.parse({});
try {
  for (let step = Number(first); step <= Number(last); step += 1) {
    const data = new Float32Array(Number(megabytes) * 2 ** 18 + 64).fill(step);
    await store.save({
      step,
      model: { config, task: {}, inputs: {}, step },
      weights: { tensors: new Map([['w', { shape: [data.length], data }]]), metadata: { tieMap: '[0]' } },
      parts: { trainer: { step }, registry: { moments: data } },
    });
    // Past any buffer: what is reported must not be lost with the process.
    writeSync(1, `${step}\n`);
  }
} catch (error) {
  const { name, code, message } = error as Error & { code?: string };
  writeSync(1, `${JSON.stringify({ name, code, message })}\n`);
  process.exitCode = 3;
}
