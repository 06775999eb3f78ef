/** One compiled graph: an ONNX Runtime session behind the two calls that the backend needs. */
import { OnnxRuntimeError } from '../errors.js';
import type { ResolvedOptions } from '../options.js';
import { runGuarded } from './guard.js';
import type { Binding, NativeSession, RuntimeValues } from './binding.js';

export interface SessionRequest {
  readonly model: Uint8Array;
  /** Whether the model has the guard as its first output. */
  readonly guarded: boolean;
  /** Names of the tfjs kernels in it, for messages. */
  readonly kernels: string;
  /** Whether it is too small to be worth a second thread. */
  readonly small: boolean;
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
    const { model, guarded, kernels, small, profile } = request;
    const { provider, threads } = options;
    const native = binding.createSession();
    try {
      native.loadModel(model.buffer, model.byteOffset, model.byteLength, {
        executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
        intraOpNumThreads: small ? 1 : threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
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

/** ONNX Runtime reports everything as one kind of error; its words tell which case it is. */
function explain(cause: unknown, what: string, kernels: string, provider: string): OnnxRuntimeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const first = message.split('\n', 1)[0] ?? '';
  if (/alloc|out of memory|bad_alloc/i.test(message)) {
    return new OnnxRuntimeError(
      'out-of-memory',
      `Memory ran out on the provider "${provider}" in a graph of ${kernels}: ${first}`,
      'Use smaller batches or a shorter context, or close other programs',
      { cause },
    );
  }
  if (/device (was )?lost|device is lost/i.test(message)) {
    return new OnnxRuntimeError(
      'device-lost',
      `The device of the provider "${provider}" was lost in a graph of ${kernels}: ${first}`,
      'Start the program again; if it happens again use the provider "cpu"',
      { cause },
    );
  }
  if (provider !== 'cpu' && /provider|adapter|libonnxruntime_providers|cuda|webgpu/i.test(message)) {
    return new OnnxRuntimeError(
      'provider-unavailable',
      `The execution provider "${provider}" cannot be used here: ${first}`,
      provider === 'cuda'
        ? 'Install its libraries with ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node (Linux x64, CUDA 12 and cuDNN 9), or use the provider "cpu"'
        : 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver; use the provider "cpu" otherwise',
      { cause },
    );
  }
  return new OnnxRuntimeError(
    what === 'refused' ? 'graph-refused' : 'run-failed',
    `ONNX Runtime ${what} a graph of ${kernels} on the provider "${provider}": ${first}`,
    'This is a defect of the backend: report the program and this message, and use the wasm backend meanwhile',
    { cause },
  );
}
