export { presentAudit } from './audits/present.js';
export type * from './audits/types.js';
export {
  conductStudy,
  plannedAnew,
  lookAtStudy,
  planned,
  type ConductedStudy,
  type StudyToConduct,
} from './conduct/conduct.js';
export { finishedStudy } from './conduct/finished-study.js';
export { folderStore } from './conduct/folder-store.js';
export {
  runTrials,
  TrialInterrupted,
  type TrialsOptions,
  type TrialsOutcome,
  type TrialsToRun,
} from './conduct/run-trials.js';
export { estimateTrialBytes, settleParallel, thisMachine, type Machine } from './conduct/side-by-side.js';
export {
  beginStudy,
  isStudy,
  keptOutcome,
  readStudy,
  resumeStudy,
  type KeptOutcome,
  type StudyPlan,
} from './conduct/study-folder.js';
export { assertDistinct, trialId, trialIds } from './conduct/trial-id.js';
export { controlOf, planTrials, textsOf, type ComparedText } from './comparison/plan.js';
export type { FoundContrast, FoundPlan, Planned } from './planned/found.js';
export { planDigest } from './conduct/plan-digest.js';
export { presentComparison } from './comparison/present.js';
export { measuringShare, reductionOf } from './comparison/rows.js';
export { summarizeComparison } from './comparison/summarize.js';
export type * from './comparison/types.js';
export { answerOrders } from './executors/answer.js';
export { childProcess } from './executors/child-process.js';
export { inTrialFolder } from './executors/in-folder.js';
export { inProcess } from './executors/in-process.js';
export { packError, unpackError, type SentError } from './executors/messages.js';
export { contiguousCount, forkMaps } from './forked-halving/halve.js';
export {
  firstRung,
  forkedHalvingSettingsSchema,
  furtherRungs,
  type ForkedHalvingSettings,
} from './forked-halving/plan.js';
export { presentForkedHalving } from './forked-halving/present.js';
export { summarizeForkedHalving } from './forked-halving/summarize.js';
export type * from './forked-halving/types.js';
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
export { presentLandscape } from './landscape/present.js';
export { regrets, type ControllerTrials, type FixedMaps } from './landscape/regret.js';
export { summarizeLandscape } from './landscape/summarize.js';
export type * from './landscape/types.js';
export { plugin, plugin as default } from './plugin.js';
export {
  floorBlocks,
  floorLevels,
  floorName,
  floorsNote,
  floorsSentence,
  sharedFloors,
} from './presentation/floors.js';
export { below, blockColor, drawing, seriesColor, shortLabels } from './presentation/vega.js';
export {
  capital,
  code,
  describeBudget,
  describeData,
  lossNote,
  mapText,
  plural,
  settingOf,
  sideBySideNote,
  type Setting,
} from './presentation/words.js';
export { drawOtherMaps, mapsWithAsManyBlocks } from './retraining/draw.js';
export {
  planRetraining,
  retrainingSettingsSchema,
  type RetrainingSettings,
  type RetrainingTrial,
} from './retraining/plan.js';
export { presentRetraining } from './retraining/present.js';
export { readRetrainingSource, type RetrainingSource } from './retraining/source.js';
export { summarizeRetraining } from './retraining/summarize.js';
export type * from './retraining/types.js';
export {
  planRetrainedSources,
  retrainedSourcesSettingsSchema,
  type RetrainedSourcesSettings,
  type SourceTrial,
} from './retraining/sources/plan.js';
export { presentRetrainedSources } from './retraining/sources/present.js';
export { summarizeRetrainedSources } from './retraining/sources/summarize.js';
export type * from './retraining/sources/types.js';
export { seedsOf } from './seeds.js';
export {
  comparisonStatistics,
  type ComparedBy,
  type ComparisonStatistics,
  type ControlComparison,
  type ControllerMean,
} from './statistics/comparison-statistics.js';
export {
  CONFIDENCE,
  FEWEST_PAIRS,
  judge,
  type EquivalenceTest,
  type Evidence,
  type Finding,
  type JudgedBy,
  type Judgement,
  type Sensitivity,
} from './statistics/findings.js';
export { holmCorrected } from './statistics/holm.js';
export { kendallTauB } from './statistics/kendall.js';
export { pairedDifference, type PairedDifference, type SeededValues } from './statistics/paired.js';
export { paretoFront, type ParetoPoint } from './statistics/pareto.js';
export { detectableEffect, pairsFor, POWER, powerOf } from './statistics/power.js';
export type { Spread } from './statistics/spread.js';
export {
  equivalenceTest,
  meanInterval,
  oneSampleTest,
  resolutionOf,
  type MeanInterval,
  type OneSampleTest,
} from './statistics/student.js';
export { varianceExplained, type VarianceExplained } from './statistics/variance-explained.js';
export { metricAxis, metricHeading, metricKey, metricName } from './statistics/wording.js';
export { fieldsOf as sweepFieldsOf } from './sweep/ask/fields.js';
export { sweepDrawing } from './sweep/chart.js';
export { gridOf, MOST_CONFIGURATIONS } from './sweep/grid.js';
export { objectiveOf, objectiveValue } from './sweep/objective.js';
export { planSweep, sweepPlanSchema, type SweepPlan } from './sweep/plan.js';
export { presentSweep } from './sweep/present.js';
export { randomSample } from './sweep/random.js';
export { summarizeSweep } from './sweep/summarize.js';
export type * from './sweep/types.js';
export { sweepDimensionText, sweepValueText } from './sweep/value-text.js';
