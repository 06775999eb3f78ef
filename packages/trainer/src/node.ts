/** Checkpoints and saved models in folders: what needs Node. */
export { nodeFileSystem, type FileSystem } from '@ligature/core/node';
export { CheckpointStore } from './checkpoint/checkpoint-store.js';
export type {
  CheckpointEntry,
  CheckpointStoreOptions,
  CheckpointToSave,
  DamagedCheckpoint,
  LoadedCheckpoint,
  LoadedModel,
} from './checkpoint/checkpoint-store.js';
export type { ModelDescription, SavedModel } from './checkpoint/model-files.js';
export { acquireRunLock } from './checkpoint/run-lock.js';
export type { RunLock, RunLockHolder } from './checkpoint/run-lock.js';
export { decodeState, encodeState } from './checkpoint/state-codec.js';
export type { EncodedState } from './checkpoint/state-codec.js';
export { loadModel, saveModel } from './model-folder.js';
