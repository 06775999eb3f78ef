/** A moderate number of hostile cases for every reader; `npm run test:fuzz` runs as many as one likes. */
import { afterAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../tools/fuzz/judge.js';
import { runTarget } from '../../tools/fuzz/run-target.js';
import { TARGETS } from '../../tools/fuzz/targets.js';
import { startWatchdog } from '../../tools/fuzz/watch/watchdog.js';

const SEED = 20_240_501;
const CASES = 150;
const watchdog = startWatchdog(
  TARGETS.map(({ name }) => name),
  SEED,
);
afterAll(() => watchdog.stop());

describe('hostile input', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const { failure, refused } = await runTarget(target, {
      cases: CASES,
      seed: SEED,
      // Generous: a test machine may be busy. A reader that blows up goes beyond it by far.
      limits: { ...LIMITS, seconds: 10 },
      onCase: watchdog.enter,
      onCaseEnd: watchdog.leave,
    });
    expect(failure).toBeUndefined();
    // Both kinds of input occur, or the cases would test the first check of a reader only.
    if (!target.mends) expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(CASES);
  });
});
