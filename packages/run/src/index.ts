export type { EvaluationProgress } from '@ligature/trainer';
export { breathe } from './breathe.js';
export { controllerLabel } from './controller-label.js';
export { EventLog, type LogLimits } from './event-log.js';
export type { LogPosition } from './log-files.js';
export { readEventLog } from './read-event-log.js';
export { pinnedConfig, type RunEnvironment, type StartedBy } from './environment.js';
export { fileCache } from './file-cache.js';
export { finishedRun } from './finished-run.js';
export { writeStudyManifest } from './manifest.js';
export { openRun, type OpenRun } from './open-run.js';
export { loadPlugins } from './plugins.js';
export { LANGUAGE_MODEL, metricsOf } from './metrics.js';
export {
  measuredFloorsSchema,
  readTrialResult,
  trialResultSchema,
  type ReadResult,
} from './result-schema.js';
export type * from './results.js';
export { assertNoLinksOut, createRunFolder, readJson } from './run-folder.js';
export { plugin, plugin as default } from './plugin.js';
export { resumeTrial, runTrial } from './run-trial.js';
export { checkStep, STEP_TOLERANCE, type StepCheck } from './step-check.js';
export { ROUNDINGS, type Rounding } from '@ligature/weight-sharing';
export { beganOn, type BackendOverride } from './take-backend.js';
export {
  evaluateRun,
  generateText,
  unknownWords,
  type GenerationOptions,
  type RunEvaluation,
  type StoredEvaluation,
} from './use-run.js';
