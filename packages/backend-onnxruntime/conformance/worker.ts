/** Runs the bundled specs in a process of its own and sends what came out: `worker.ts BUNDLE [PART OF A NAME]`. */
import Jasmine from 'jasmine';
import { randomOf } from '../test/support/random.js';
import type { SpecOutcome } from './outcome.js';

const [bundle = '', part = ''] = process.argv.slice(2);

/** A slow machine is no failure; the longest spec takes seconds. */
const TIMEOUT_MS = 120_000;

// Specs of random ops draw from Math.random: with a fixed sequence every run sees the same numbers.
Math.random = randomOf(42);

// Specs of the profiler and of warnings print; nobody reads it.
for (const name of ['log', 'warn', 'info', 'debug'] as const) console[name] = () => undefined;

const withoutBackend = (name: string): string => name.replace(/ backend \{\}/g, '').trim();

const specs: SpecOutcome[] = [];
const suites: string[] = [];
const runner = new Jasmine();
runner.exitOnCompletion = false;
runner.randomizeTests(false);
runner.clearReporters();
runner.jasmine.DEFAULT_TIMEOUT_INTERVAL = TIMEOUT_MS;
runner.env.configure({ specFilter: (spec) => spec.getFullName().includes(part) });
runner.addReporter({
  suiteStarted: ({ description }) => void suites.push(withoutBackend(description)),
  suiteDone: ({ failedExpectations }) => {
    const suite = suites[0]!;
    for (const { message } of failedExpectations) {
      specs.push({ name: `${suites.join(' ')} (as a whole)`, suite, status: 'failed', message });
    }
    suites.pop();
  },
  specDone: ({ fullName, status, failedExpectations }) => {
    if (status === 'excluded') return;
    const [failure] = failedExpectations;
    specs.push({
      name: withoutBackend(fullName),
      suite: suites[0] ?? '',
      status: status === 'pending' ? 'skipped' : status,
      ...(failure ? { message: failure.message.split('\n', 1)[0]!.slice(0, 300) } : {}),
    });
  },
  jasmineDone: () => process.send!(specs, () => process.exit(0)),
});
await runner.execute([bundle]);
