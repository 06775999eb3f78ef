export { plugin, plugin as default } from './plugin.js';
export {
  selectBackend,
  type BackendChoice,
  type SelectedBackend,
  type SelectOptions,
  type Tried,
} from './select.js';
export { probeBackends, type BackendProbe, type ProbeOptions } from './probe.js';
export { AUTOMATIC_ORDER, type BackendEntries, type BackendHost, type BackendSource } from './sources.js';
export { MENDED_KERNELS, mendWasmKernels, restoreWasmKernels } from './wasm/register.js';
export type { WasmBackend } from './wasm/heap.js';
