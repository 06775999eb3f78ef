export { clipFactor, globalNorm } from './clip.js';
export { createEvaluation, evaluateSet, measureBatches, scoreBatch } from './evaluate.js';
export type { EvaluationProgress, EvaluationSets } from './evaluate.js';
export { linearCka } from './layer-similarity/linear-cka.js';
export { measureSimilarity } from './layer-similarity/measure-similarity.js';
export { Measuring, type MeasuringParts } from './measuring/measuring.js';
export { passesCost, type Pass } from './measuring/passes-cost.js';
export { createObjective, headOf, type ObjectiveParts } from './objective.js';
export { bestStepOf } from './loop-state.js';
export { checkpointName, checkpointPath, summaryOf, TRAINER_TOKENS, trainerOptions } from './options.js';
export type {
  Checkpoints,
  Evaluate,
  Evaluated,
  KeptWeights,
  TaskSummary,
  TrainerOptions,
} from './options.js';
export {
  adamWOptionsSchema,
  createAdamW,
  createMuon,
  createSgd,
  muonOptionsSchema,
  orthogonalize,
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
export { plugin, plugin as default } from './plugin.js';
export { learningRateAt } from './schedule.js';
export type { Schedule } from './schedule.js';
export { createStep } from './step.js';
export type { MicroBatch, Step, StepInputs, StepOptions, StepOutputs } from './step.js';
export { tensorBatch } from './tensor-batch.js';
export { Stepper, trainStep } from './train-step.js';
export type { CompilationStatistics } from './compiling.js';
export type { StepResult } from './train-step.js';
export { Trainer } from './trainer.js';
export type { TrainingResult } from './trainer.js';
export { TrainingSteps } from './training-steps.js';
