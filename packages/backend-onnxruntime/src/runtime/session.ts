/** One compiled graph: an ONNX Runtime session behind the two calls that the backend needs. */
import type { ResolvedOptions } from '../options.js';
import { runGuarded } from './guard.js';
import { explain } from './explain.js';
import type { Binding, NativeSession, RuntimeValues } from './binding.js';

export interface SessionRequest {
  readonly model: Uint8Array;
  /** Whether the model has the guard as its first output. */
  readonly guarded: boolean;
  /** Names of the tfjs kernels in it, for messages. */
  readonly kernels: string;
  /** Whether a second thread would do harm, or the graph is too small to be worth one. */
  readonly oneThread: boolean;
  /** Path prefix of a profile; none is written without. */
  readonly profile?: string;
}

export class Session {
  readonly #native: NativeSession;
  readonly #kernels: string;
  readonly #provider: string;
  readonly #guarded: boolean;

  private constructor(native: NativeSession, kernels: string, provider: string, guarded: boolean) {
    this.#native = native;
    this.#kernels = kernels;
    this.#provider = provider;
    this.#guarded = guarded;
  }

  /** @throws OnnxRuntimeError when ONNX Runtime refuses the graph or the provider cannot start */
  static create(binding: Binding, request: SessionRequest, options: ResolvedOptions): Session {
    const { model, guarded, kernels, oneThread, profile } = request;
    const { provider, threads } = options;
    const native = binding.createSession();
    try {
      native.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
        intraOpNumThreads: oneThread ? 1 : threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        // What goes wrong is thrown; on the standard error stream it would stand a second time.
        logSeverityLevel: 4,
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
        extra: {
          session: {
            // A worker that spins after its session's run would take the core from the next session's run.
            force_spinning_stop: '1',
          },
        },
      });
    } catch (cause) {
      throw explain(cause, 'refused', kernels, provider);
    }
    return new Session(native, kernels, provider, guarded);
  }

  /** Runs the graph into the given buffers. @throws OnnxRuntimeError */
  run(feeds: RuntimeValues, fetches: RuntimeValues): void {
    try {
      if (this.#guarded) runGuarded(this.#native, feeds, fetches);
      else this.#native.run(feeds, fetches, {});
    } catch (cause) {
      throw explain(cause, 'could not run', this.#kernels, this.#provider);
    }
  }

  endProfiling(): void {
    this.#native.endProfiling();
  }

  dispose(): void {
    this.#native.dispose();
  }
}
