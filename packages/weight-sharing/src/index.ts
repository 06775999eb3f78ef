export {
  sharingOptionsSchema,
  type FollowPolicy,
  type GradientMode,
  type MomentsPolicy,
  type SharingOptions,
  type UntiePolicy,
} from './sharing-options.js';
export { WeightRegistry, type LeafUpdate, type TieChange } from './registry/weight-registry.js';
export type { Binding, Leaf } from './registry/binding.js';
export type { Moments } from './registry/tensor-store.js';
export type { WeightArray, WeightSource } from './registry/weights.js';
export type { WeightsFile } from './registry/weights-file.js';
export { encodeSafetensors } from './safetensors/encode.js';
export { decodeSafetensors } from './safetensors/decode.js';
export type { SafetensorsFile, SafetensorsTensor, StoredArray } from './safetensors/types.js';
export { checkDecision } from './process/check-decision.js';
export { checkReport } from './process/check-report.js';
export { checkWanted } from './process/check-wanted.js';
export { lendStream, type Loan } from './process/lend-stream.js';
export { TyingProcess } from './process/tying-process.js';
