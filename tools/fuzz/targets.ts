/** Every reader of this project that meets bytes from outside: one list for the tests and for longer runs. */
import type { Target } from './target.js';
import { configFile, configFlags } from './targets/config.js';
import { datasetFile, datasetFolder, tokenCache } from './targets/datasets.js';
import { eventLines } from './targets/events.js';
import { cifarFiles, idxFiles, imageFolder } from './targets/images.js';
import { adapterOptions, optimizerOptions } from './targets/options.js';
import { evaluatorState, loopState, registryState, tyingState } from './targets/process-states.js';
import { pluginFolder } from './targets/plugin-folder.js';
import { squadFolder } from './targets/questions.js';
import { checkpoint, eventLog, resumed } from './targets/run-state.js';
import { modelFolder, runFolder } from './targets/run-folder.js';
import { savedConfig } from './targets/saved-config.js';
import { safetensors } from './targets/safetensors.js';
import { batchState, controllerState, rewardState, streamState } from './targets/snapshots.js';
import { glueFolder, tableFile } from './targets/tables.js';
import { savedTokenizer, tokenizerFile, tokenizerJson } from './targets/tokenizers.js';

export const TARGETS: readonly Target[] = [
  safetensors,
  modelFolder,
  runFolder,
  checkpoint,
  eventLines,
  eventLog,
  resumed,
  tokenizerJson,
  tokenizerFile,
  savedTokenizer,
  configFile,
  configFlags,
  savedConfig,
  adapterOptions,
  optimizerOptions,
  datasetFile,
  datasetFolder,
  tableFile,
  glueFolder,
  squadFolder,
  tokenCache,
  idxFiles,
  cifarFiles,
  imageFolder,
  pluginFolder,
  controllerState,
  rewardState,
  registryState,
  tyingState,
  loopState,
  evaluatorState,
  batchState,
  streamState,
];
