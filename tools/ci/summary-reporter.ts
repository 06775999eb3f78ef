import type { Reporter, TestModule } from 'vitest/node';

/** Ends a test run with one plain line, `Tests: N passed, N failed, N skipped`, that a CI log can be searched for. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const broken = modules.filter((module) => module.errors().length > 0).length;
    process.stdout.write(
      `Tests: ${count.passed} passed, ${count.failed + broken} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}
