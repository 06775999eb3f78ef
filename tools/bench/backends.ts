/** The backends that can be measured: all of Ligature's by name, and peers that are one of them with options. */
import { plugin as backends, type BackendChoice } from '@ligature/backends';
import { PluginHost, unknownName } from '@ligature/core';

export function createHost(): PluginHost {
  return new PluginHost().register(backends);
}

const PEERS: Readonly<Record<string, BackendChoice>> = {
  /** tfjs's WebAssembly backend as published. */
  'wasm-stock': { name: 'wasm', options: { kernels: 'stock' } },
};

/** @throws InputError for an unknown name. */
export function choiceOf(name: string, host: PluginHost): BackendChoice {
  const known = [...host.names('backends'), ...Object.keys(PEERS)];
  if (!known.includes(name)) throw unknownName('backend', name, known);
  return PEERS[name] ?? name;
}
