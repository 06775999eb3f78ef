/**
 * For test files that share a process: each finds it as the first one did and leaves it so, or fails. The engine of
 * TensorFlow.js, the one piece of global state that tests are meant to use, begins anew for every file.
 */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect } from 'vitest';

/** What a file could change for those that come after it. */
function state(): Record<string, unknown> {
  return {
    'tensors of TensorFlow.js': tf.engine().state.numTensors,
    'working folder': process.cwd(),
    'exit status': process.exitCode,
    // Vitest numbers the files in it.
    environment: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST_')),
    ),
    'listeners of the process': Object.fromEntries(
      process
        .eventNames()
        // The guard of plug-ins listens to the end of the process from its first use on, once.
        .filter((name) => name !== 'beforeExit')
        .map((name) => [String(name), process.listenerCount(name)]),
    ),
    'names of globalThis': Object.getOwnPropertyNames(globalThis).sort(),
    // Timers that a test replaced, an output that it listens to.
    functions: {
      ...{ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, Date, fetch },
      // eslint-disable-next-line no-restricted-properties -- looked at, not called
      ...{ random: Math.random, now: performance.now },
      ...{ log: console.log, warn: console.warn, error: console.error },
      ...{ stdout: process.stdout.write, stderr: process.stderr.write },
    },
  };
}

/** Of this process, before its first file: this module is evaluated again for each. */
const FIRST = Symbol.for('ligature.first-state');
const kept = globalThis as { [FIRST]?: Record<string, unknown> };

beforeAll(async () => {
  tf.engine().reset();
  // What an operation takes when nobody chose a backend, as in a process of its own.
  if (tf.findBackendFactory('cpu') !== null) await tf.setBackend('cpu');
  kept[FIRST] ??= state();
  // Mocks are restored between files, which may bring back what was in place when they were made.
  expect(state(), 'what this file finds in its process').toEqual(kept[FIRST]);
});

afterAll(() => {
  expect(state(), 'what this file leaves in its process for others').toEqual(kept[FIRST]);
});
