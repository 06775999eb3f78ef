export { auditDefaults } from './audits/defaults.js';
export { planAudit, TRAINED_AUDITS, type TrainedAudit } from './audits/plan.js';
export {
  auditRandomRatio,
  readAudit,
  resumeAudit,
  runAudit,
  type RandomRatioSettings,
} from './audits/run.js';
export type * from './audits/types.js';
export { AUDIT_NAMES } from './audits/types.js';
export { compareTrials, resumeComparison } from './compare.js';
export { controllerLabel } from './controller-label.js';
export { EventLog, readEventLog, type LogLimits, type LogPosition } from './event-log.js';
export type { RunEnvironment, StartedBy } from './environment.js';
export { readLandscape, resumeLandscape, trainLandscape } from './landscape/landscape.js';
export { countMaps, landscapeMaps, type MapsAsked, type MapsChosen } from './landscape/maps.js';
export {
  assertFeasible,
  countLandscapeTrials,
  landscapeSettingsSchema,
  MOST_TRIALS,
  planLandscape,
  type LandscapePlan,
  type LandscapeSettings,
} from './landscape/plan.js';
export { regrets, type ControllerTrials, type FixedMaps } from './landscape/regret.js';
export { summarizeLandscape } from './landscape/summarize.js';
export type * from './landscape/types.js';
export { writeStudyManifest } from './manifest.js';
export { openRun, type OpenRun } from './open-run.js';
export { controlOf, planTrials, seedsOf, type TrialPlan } from './plan.js';
export { loadPlugins } from './plugins.js';
export type * from './results.js';
export { reductionOf } from './rows.js';
export { drawOtherMaps, mapsWithAsManyBlocks } from './retraining/draw.js';
export {
  assertSeeds,
  planRetraining,
  retrainingSettingsSchema,
  type RetrainingSettings,
  type RetrainingTrial,
} from './retraining/plan.js';
export { readRetraining, resumeRetraining, retrain } from './retraining/retraining.js';
export { readRetrainingSource, type RetrainingSource } from './retraining/source.js';
export { summarizeRetraining } from './retraining/summarize.js';
export type * from './retraining/types.js';
export { createRunFolder, writeWhole } from './run-folder.js';
export { resumeTrial, runTrial, type RunStart } from './run-trial.js';
export {
  runTrials,
  TrialInterrupted,
  type FinishedTrial,
  type TrialsOptions,
  type TrialsOutcome,
  type TrialsToRun,
  type TrialStart,
} from './run-trials.js';
export { estimateTrialBytes, settleParallel, thisMachine, type Machine } from './side-by-side.js';
export {
  comparisonStatistics,
  CONFIDENCE,
  type ComparisonStatistics,
  type ControlComparison,
  type ControllerMean,
  type Finding,
} from './statistics/comparison-statistics.js';
export { holmCorrected } from './statistics/holm.js';
export { kendallTauB } from './statistics/kendall.js';
export { paretoFront, type ParetoPoint } from './statistics/pareto.js';
export { varianceExplained, type VarianceExplained } from './statistics/variance-explained.js';
export { pairedDifference, type PairedDifference, type SeededValues } from './statistics/paired.js';
export { meanInterval, oneSampleTest, type MeanInterval, type OneSampleTest } from './statistics/student.js';
export {
  beginStudy,
  isStudy,
  readStudy,
  resumeStudy,
  STUDY_KINDS,
  studyKind,
  studySettings,
  type StudyKind,
  type StudyPlan,
} from './study-folder.js';
export { gridOf, MOST_CONFIGURATIONS } from './sweep/grid.js';
export { objectiveOf, objectiveValue } from './sweep/objective.js';
export { planSweep, sweepPlanSchema, type SweepPlan } from './sweep/plan.js';
export { randomSample } from './sweep/random.js';
export { readSweepPlan, resumeSweep, runSweep } from './sweep/run.js';
export { summarizeSweep } from './sweep/summarize.js';
export type * from './sweep/types.js';
export { sweepDimensionText, sweepValueText } from './sweep/value-text.js';
export { checkStep, STEP_TOLERANCE, type StepCheck } from './step-check.js';
export type { BackendOverride } from './take-backend.js';
export {
  evaluateRun,
  generateText,
  unknownWords,
  type GenerationOptions,
  type RunEvaluation,
} from './use-run.js';
