/** A tfjs backend that can be found, prepared and explained. */
export interface Backend {
  /** The name under which tfjs knows it once ready: `wasm`, `cpu`, `tensorflow`, … */
  readonly tfjsName: string;
  /** Loads and registers it with tfjs. @throws Error saying why this machine cannot run it. */
  prepare(): Promise<BackendDescription>;
}

export interface BackendDescription {
  /** Version of the package that does the work. */
  readonly version: string;
  /** What it runs on, for people: `WebAssembly with SIMD, 1 thread`. */
  readonly detail: string;
  /** Threads that it computes on, where it can be told: with another number the last digits of sums differ. */
  readonly threads?: number;
}

export interface BackendContext {
  /** Number of threads to use where the backend can be told; `undefined`: its own choice. */
  readonly threads?: number;
}
