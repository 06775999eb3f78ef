/** The backends that can be measured: all of Ligature's by name, and peers that are one of them with options. */
import { plugin as backends, selectBackend, type SelectedBackend } from '@ligature/backends';
import { PluginHost, unknownName, type Choice } from '@ligature/core';

export function createHost(): PluginHost {
  return new PluginHost().register(backends);
}

const PEERS: Readonly<Record<string, Choice>> = {
  /** tfjs's WebAssembly backend as published. */
  'wasm-stock': { name: 'wasm', options: { kernels: 'stock' } },
  'onnxruntime-webgpu': { name: 'onnxruntime', options: { provider: 'webgpu' } },
  'onnxruntime-cuda': { name: 'onnxruntime', options: { provider: 'cuda' } },
};

/** @throws InputError for an unknown name. */
export function choiceOf(name: string, host: PluginHost): Choice {
  const known = [...host.names('backends'), ...Object.keys(PEERS)];
  if (!known.includes(name)) throw unknownName('backend', name, known);
  return PEERS[name] ?? { name, options: {} };
}

/** All wrong names before the first minute of work. @throws InputError for the first one. */
export function checkNames(names: readonly string[]): void {
  const host = createHost();
  for (const name of names) choiceOf(name, host);
}

/** What every measurement is asked for. */
export interface BackendRequest {
  readonly backend: string;
  /** Left out: the backend's own choice. */
  readonly threads?: number;
}

/** Makes the backend the one of this process. @throws InputError when it cannot run here. */
export async function start({ backend, threads }: BackendRequest): Promise<SelectedBackend> {
  const host = createHost();
  const context = threads === undefined ? {} : { threads };
  return selectBackend(choiceOf(backend, host), host, { context });
}
