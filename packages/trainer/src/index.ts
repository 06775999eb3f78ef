export { checkpointPath, CheckpointStore } from './checkpoint/checkpoint-store.js';
export type {
  CheckpointEntry,
  CheckpointStoreOptions,
  CheckpointToSave,
  DamagedCheckpoint,
  LoadedCheckpoint,
} from './checkpoint/checkpoint-store.js';
export { nodeFileSystem } from './checkpoint/file-system.js';
export type { FileSystem } from './checkpoint/file-system.js';
export type { ModelDescription, SavedModel } from './checkpoint/model-files.js';
export { acquireRunLock } from './checkpoint/run-lock.js';
export type { RunLock, RunLockHolder } from './checkpoint/run-lock.js';
export { decodeState, encodeState } from './checkpoint/state-codec.js';
export type { EncodedState } from './checkpoint/state-codec.js';
export { clipFactor, globalNorm } from './clip.js';
export { createEvaluation, evaluateSet, meanLoss, scoreBatch } from './evaluate.js';
export type { EvaluationProgress } from './evaluate.js';
export { loadModel, saveModel } from './model-folder.js';
export {
  adamWOptionsSchema,
  createAdamW,
  createMuon,
  createSgd,
  muonOptionsSchema,
  optimizers,
  sgdOptionsSchema,
} from './optimizers/index.js';
export type {
  AdamWOptions,
  AdamWOptionsInput,
  MuonOptions,
  MuonOptionsInput,
  SgdOptions,
  SgdOptionsInput,
} from './optimizers/index.js';
export { TRAINER_TOKENS, trainerOptions } from './options.js';
export type { Checkpoints, Evaluate, TrainerOptions } from './options.js';
export { learningRateAt } from './schedule.js';
export type { Schedule } from './schedule.js';
export { linearCka } from './similarity/linear-cka.js';
export { measureSimilarity } from './similarity/measure-similarity.js';
export { createStep } from './step.js';
export type { MicroBatch, Step, StepInputs, StepOptions, StepOutputs } from './step.js';
export { Stepper, trainStep } from './train-step.js';
export type { CompilationStatistics, StepResult } from './train-step.js';
export { Trainer } from './trainer.js';
export type { TrainingResult } from './trainer.js';
