/**
 * The native part of onnxruntime-node. Its public `InferenceSession` is asynchronous only, while tfjs's `dataSync`
 * must answer at once; underneath, loading and running are synchronous calls of the binding, which are used here.
 * The version is held to one minor in package.json because this surface is not documented.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Common from 'onnxruntime-common';
import type { Tensor } from 'onnxruntime-common';
import { OnnxRuntimeError } from '../errors.js';
import { guardWorks } from './guard.js';
import { installCommand, isAbsent } from './install.js';

export type RuntimeValues = Record<string, Tensor>;

export interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: RuntimeValues, fetches: Record<string, Tensor | null>, options: object): RuntimeValues;
  endProfiling(): void;
  dispose(): void;
}

export interface Binding {
  readonly version: string;
  /** Names of the execution providers that are in the binary or can be loaded by it. */
  readonly providers: readonly string[];
  /** Whether outputs can be had without a copy, see `guard.ts`. */
  readonly guard: boolean;
  createSession(): NativeSession;
}

interface NativeModule {
  readonly binding: {
    readonly InferenceSession: new () => NativeSession;
    listSupportedBackends(): readonly { readonly name: string }[];
  };
  initOrt(): void;
}

const load = createRequire(import.meta.url);
let loaded: Binding | undefined;

/** @throws OnnxRuntimeError (`binary-missing`) where the platform has no binary or it cannot be loaded. */
export function loadBinding(): Binding {
  loaded ??= loadNative();
  return loaded;
}

function loadNative(): Binding {
  try {
    const { env } = load('onnxruntime-common') as typeof Common;
    // Warnings of graph optimizers speak of graphs that no user wrote.
    env.logLevel = 'error';
    const native = load('onnxruntime-node/dist/binding') as NativeModule;
    native.initOrt();
    const { version } = load('onnxruntime-node/package.json') as { version: string };
    const { InferenceSession, listSupportedBackends } = native.binding;
    const providers = listSupportedBackends().map(({ name }) => name);
    const createSession = (): NativeSession => new InferenceSession();
    return { version, providers, guard: guardWorks(createSession), createSession };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0]! : String(cause);
    if (isAbsent(cause)) {
      throw new OnnxRuntimeError(
        'binary-missing',
        'onnxruntime-node, the package with the binary of ONNX Runtime, is not installed; npm leaves it out without a word ' +
          'where its install script cannot reach the servers from which it wants CUDA libraries',
        `Run \`${installCommand(process.platform, process.arch, fileURLToPath(import.meta.url))}\``,
        { cause },
      );
    }
    throw new OnnxRuntimeError(
      'binary-missing',
      `ONNX Runtime has no binary that loads on ${process.platform}/${process.arch}: ${reason}`,
      'Binaries exist for Linux with glibc (x64, arm64), macOS (arm64) and Windows (x64, arm64); elsewhere use the wasm backend',
      { cause },
    );
  }
}
