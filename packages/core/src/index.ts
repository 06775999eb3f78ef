export type * from './contracts/index.js';
export {
  createEventBus,
  HandlerError,
  PHASES,
  type EventBus,
  type EventBusOptions,
  type HandlerSpec,
  type Phase,
  type Publish,
} from './bus/event-bus.js';
export { synchronousContext, type HandlerContext } from './bus/handler-context.js';
export * from './events/index.js';
export { largest, smallest } from './extremes.js';
export { initialMap, initialMapSchema, writtenTieMap, type InitialMap } from './config/initial-map.js';
export { choiceFields, type ChoiceField } from './config/choice-fields.js';
export { describeIssues, explainIssue } from './config/issues.js';
export { OFFICIAL_DEFAULTS, withProfile } from './config/official-profile.js';
export {
  checkpointSchema,
  compareSchema,
  evaluationSchema,
  runConfigSchema,
  trainingSchema,
  tyingSchema,
  type Choice,
  type RunConfig,
  type RunConfigInput,
} from './config/schema.js';
export { MOVED_EVALUATORS, MOVED_FIELDS, savedConfigSchema } from './config/saved.js';
export { contentsOf, heldBy } from './dataset-contents.js';
export { dataLabel, settleConfig, stackLayers } from './config/settle.js';
export { planSchema, type PlannedContrast, type StudyQuestion } from './config/plan.js';
export { sweepSchema } from './config/sweep.js';
export { assembleRun, createRunContainer, type RunContainer, type RunModule } from './di/container.js';
export { createToken, TOKENS, type ProbeMeasurement, type Token } from './di/tokens.js';
export { ContractError, InputError, LigatureError, type ErrorParts } from './errors.js';
export { isOurs, thrownMessage, thrownText } from './thrown.js';
export { explainFailure, isEngineError, type EngineError } from './engine-error.js';
export {
  defineAdapter,
  defineBackend,
  defineController,
  defineDataset,
  defineEvaluator,
  defineExecutor,
  defineModel,
  defineOptimizer,
  definePlugin,
  defineRecorder,
  defineReward,
  defineStudy,
  defineTask,
  defineTokenizer,
  defineWeights,
} from './plugins/define.js';
export {
  createFromOptions,
  parseControllerOptions,
  type ControllerOptions,
} from './plugins/create-from-options.js';
export {
  PluginHost,
  type CreateOptions,
  type NamedEntry,
  type PluginHostOptions,
  type RegisterOptions,
} from './plugins/host.js';
export { kindName, PLUGIN_KINDS } from './plugins/kinds.js';
export { everyPlatform, type CallPlatform, type OpenCall } from './plugins/calls/call-platform.js';
export { callText, PluginError, type PluginCall, type PluginFault } from './plugins/calls/plugin-call.js';
export { assertJsonDepth, parseJson } from './json/parse-json.js';
export { measuredFields, measurementOf } from './measurement.js';
export { improvement, isBetter } from './metrics.js';
export { namePattern } from './plugins/name-pattern.js';
export { measuredPart, partInWords } from './measured-part.js';
export { measuredStep } from './measured-step.js';
export { batchesSetApart } from './config/set-apart.js';
export { spreadOver } from './spread-over.js';
export { nearestName, unknownName } from './plugins/names.js';
export { randomContiguous, randomPartition, randomSweep, stirlingNumbers } from './random/partitions.js';
export { createRandomStream, createRandomStreams } from './random/streams.js';
export {
  allTieMaps,
  assertTieMap,
  canonicalTieMap,
  contiguousTieMaps,
  expectedRandomBlocks,
  independentLayers,
  isCanonical,
  isContiguous,
  sweepPosition,
  tieMapFromBlocks,
} from './tie-map.js';
export {
  assertMergeSchedule,
  finalBlocks,
  mergeablePairs,
  mergedMap,
  mergeScheduleFields,
  mergesDue,
  scheduledBlocks,
  type MergeSchedule,
} from './merging.js';
export {
  layersOfBlock,
  meanBetween,
  mostSimilarBlocks,
  similarPairs,
  type LayerTable,
  type SimilarPair,
} from './similar-blocks.js';
export { visible, visibleIn, visibleLine } from './visible.js';
