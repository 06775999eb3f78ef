export {
  sharingOptionsSchema,
  type FollowPolicy,
  type GradientMode,
  type MomentsPolicy,
  type SharingOptions,
  type StepSizeRule,
  type UntiePolicy,
} from './sharing-options.js';
export { WeightRegistry, type LeafUpdate, type TieChange } from './registry/weight-registry.js';
export type { Binding, Leaf } from './registry/binding.js';
export type { SlotState } from './registry/tensor-store.js';
export type { NamedWeights, WeightArray } from './registry/weights.js';
export type { WeightsFile } from '@ligature/core';
export { encodeSafetensors } from './safetensors/encode.js';
export { fromInt8, roundToInt8, type Channels, type Int8Matrix } from './rounding/int8.js';
export { ROUNDINGS, roundWeights, type RoundedWeights, type Rounding } from './rounding/round-weights.js';
export { decodeSafetensors } from './safetensors/decode.js';
export type { SafetensorsFile, SafetensorsTensor, StoredArray } from './safetensors/types.js';
export { checkDecision } from './tying/check-decision.js';
export { checkReport } from './tying/check-report.js';
export { checkWanted } from './tying/check-wanted.js';
export { lendStream, type Loan } from './tying/lend-stream.js';
export { CheckedController, type ControllerSettings } from './tying/checked-controller.js';
export { checkTurn, turnOf, type TurnOptions } from './tying/turns.js';
export { TyingProcess } from './tying/tying-process.js';
