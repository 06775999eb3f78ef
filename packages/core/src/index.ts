export type * from './contracts/index.js';
export {
  createEventBus,
  HandlerError,
  PHASES,
  type EventBus,
  type HandlerSpec,
  type Phase,
  type Publish,
} from './bus/event-bus.js';
export type * from './bus/events.js';
export { initialMap, initialMapSchema, writtenTieMap, type InitialMap } from './config/initial-map.js';
export { describeIssues, explainIssue } from './config/issues.js';
export { OFFICIAL_DEFAULTS, withProfile } from './config/official-profile.js';
export {
  checkpointSchema,
  compareSchema,
  evaluationSchema,
  modelSchema,
  runConfigSchema,
  trainingSchema,
  tyingSchema,
  type Choice,
  type RunConfig,
  type RunConfigInput,
} from './config/schema.js';
export { sweepSchema } from './config/sweep.js';
export { createRunContainer, type RunContainer } from './di/container.js';
export { createToken, TOKENS, type Token } from './di/tokens.js';
export { ContractError, InputError, LigatureError, type ErrorParts } from './errors.js';
export { explainFailure, isEngineError, type EngineError } from './engine-error.js';
export {
  defineBackend,
  defineController,
  defineDataset,
  defineEvaluator,
  defineExecutor,
  defineModel,
  definePlugin,
  defineRecorder,
  defineReward,
  defineStudy,
  defineTokenizer,
} from './plugins/define.js';
export { createFromOptions, type ControllerOptions } from './plugins/create-from-options.js';
export { PLUGIN_KINDS, PluginHost, type NamedEntry } from './plugins/host.js';
export { assertJsonDepth, parseJson } from './json/parse-json.js';
export { nearestName, unknownName } from './plugins/names.js';
export { randomPartition, randomSweep, stirlingNumbers } from './random/partitions.js';
export { createRandomStream, createRandomStreams } from './random/streams.js';
export {
  allTieMaps,
  assertTieMap,
  canonicalTieMap,
  expectedRandomBlocks,
  independentLayers,
  isCanonical,
  sweepPosition,
  tieMapFromBlocks,
} from './tie-map.js';
