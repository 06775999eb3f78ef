/**
 * Contract suites for plug-ins, for any test runner: `check…` throws, `inspect…` reports, `…Rules` gives one test a
 * rule. Options that are left out mean the entry's defaults.
 */
import { adapterSuite } from './adapter/suite.js';
import { backendSuite } from './backend/suite.js';
import { controllerSuite } from './controller/suite.js';
import { datasetSuite } from './dataset/suite.js';
import { evaluatorSuite } from './evaluator/suite.js';
import { executorSuite } from './executor/suite.js';
import { modelSuite } from './model/suite.js';
import { optimizerSuite } from './optimizer/suite.js';
import { recorderSuite } from './recorder/suite.js';
import { rewardSuite } from './reward/suite.js';
import { studySuite } from './study/suite.js';
import { taskSuite } from './task/suite.js';
import { tokenizerSuite } from './tokenizer/suite.js';
import { weightsSuite } from './weights/suite.js';

export { HOSTILE_TEXTS } from './hostile-texts.js';
export { BrokenContractError } from './harness/broken-contract-error.js';
export type { ContractReport, Rule, RuleResult, RuleText } from './harness/rule.js';
export type { CheckOptions } from './harness/subject.js';
export type { Suite } from './harness/suite.js';
export type { CheckAdapterOptions } from './adapter/suite.js';
export type { CheckBackendOptions } from './backend/suite.js';
export type { CheckControllerOptions } from './controller/suite.js';
export {
  playWorld,
  randomControl,
  worldContext,
  worldObservation,
  type Played,
  type World,
} from './controller/world.js';
export { playPlanted, wrongLayers, type PlantedResult, type PlantedWorld } from './controller/planted.js';
export type { CheckDatasetOptions } from './dataset/suite.js';
export type { CheckEvaluatorOptions } from './evaluator/suite.js';
export type { CheckExecutorOptions } from './executor/suite.js';
export type { CheckModelOptions } from './model/suite.js';
export type { BatchRequest, Fields, MakeBatch } from './model/batches.js';
export type { CheckOptimizerOptions } from './optimizer/suite.js';
export type { CheckRecorderOptions } from './recorder/suite.js';
export type { CheckRewardOptions } from './reward/suite.js';
export type { CheckStudyOptions } from './study/suite.js';
export type { CheckTaskOptions } from './task/suite.js';
export type { CheckTokenizerOptions } from './tokenizer/suite.js';
export type { CheckWeightsOptions } from './weights/suite.js';

/** Every suite by the kind of entry, for tools that check whole plug-ins; `texts` are its rules in words. */
export const suites = {
  controllers: controllerSuite,
  rewards: rewardSuite,
  evaluators: evaluatorSuite,
  tokenizers: tokenizerSuite,
  datasets: datasetSuite,
  models: modelSuite,
  tasks: taskSuite,
  optimizers: optimizerSuite,
  adapters: adapterSuite,
  weights: weightsSuite,
  studies: studySuite,
  executors: executorSuite,
  backends: backendSuite,
  recorders: recorderSuite,
} as const;

export const { check: checkController, inspect: inspectController, rules: controllerRules } = controllerSuite;
export const { check: checkReward, inspect: inspectReward, rules: rewardRules } = rewardSuite;
export const { check: checkEvaluator, inspect: inspectEvaluator, rules: evaluatorRules } = evaluatorSuite;
export const { check: checkTokenizer, inspect: inspectTokenizer, rules: tokenizerRules } = tokenizerSuite;
export const { check: checkDataset, inspect: inspectDataset, rules: datasetRules } = datasetSuite;
// Models, tasks, optimizers and adapters need a tfjs backend: import '@tensorflow/tfjs-backend-cpu' first.
export const { check: checkModel, inspect: inspectModel, rules: modelRules } = modelSuite;
export const { check: checkTask, inspect: inspectTask, rules: taskRules } = taskSuite;
export const { check: checkOptimizer, inspect: inspectOptimizer, rules: optimizerRules } = optimizerSuite;
export const { check: checkAdapter, inspect: inspectAdapter, rules: adapterRules } = adapterSuite;
export const { check: checkWeights, inspect: inspectWeights, rules: weightsRules } = weightsSuite;
export const { check: checkStudy, inspect: inspectStudy, rules: studyRules } = studySuite;
export const { check: checkExecutor, inspect: inspectExecutor, rules: executorRules } = executorSuite;
export const { check: checkBackend, inspect: inspectBackend, rules: backendRules } = backendSuite;
export const { check: checkRecorder, inspect: inspectRecorder, rules: recorderRules } = recorderSuite;
