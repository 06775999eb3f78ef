/** What a run of the specs found. */
export interface SpecOutcome {
  /** Full name, without the name of the backend. Some specs of tfjs-core share one. */
  readonly name: string;
  /** Name of the outermost `describe`. */
  readonly suite: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** First line of the first failed expectation. */
  readonly message?: string;
}

export type BackendName = 'onnxruntime' | 'wasm' | 'cpu';

export interface Run {
  readonly backend: BackendName;
  readonly specs: readonly SpecOutcome[];
  readonly seconds: number;
}

export const count = (run: Run, status: SpecOutcome['status']): number =>
  run.specs.filter((spec) => spec.status === status).length;

/** Names of the specs that passed; of several with one name, all did. */
export function passedNames({ specs }: Run): Set<string> {
  const passed = new Set(specs.filter(({ status }) => status === 'passed').map(({ name }) => name));
  for (const { name, status } of specs) if (status === 'failed') passed.delete(name);
  return passed;
}
