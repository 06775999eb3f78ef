/** The part of jasmine that `worker.ts` uses; the package comes without types. */
declare module 'jasmine' {
  export interface SuiteResult {
    readonly description: string;
  }
  export interface SpecResult {
    readonly fullName: string;
    readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
    readonly failedExpectations: readonly { readonly message: string }[];
  }
  export interface Reporter {
    suiteStarted?(suite: SuiteResult): void;
    suiteDone?(suite: SuiteResult & Pick<SpecResult, 'failedExpectations'>): void;
    specDone?(spec: SpecResult): void;
    jasmineDone?(): void;
  }
  export default class Jasmine {
    exitOnCompletion: boolean;
    readonly jasmine: { DEFAULT_TIMEOUT_INTERVAL: number };
    readonly env: { configure(options: { specFilter?(spec: { getFullName(): string }): boolean }): void };
    randomizeTests(value: boolean): void;
    clearReporters(): void;
    addReporter(reporter: Reporter): void;
    execute(files: readonly string[]): Promise<unknown>;
  }
}
