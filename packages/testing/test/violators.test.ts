/** The suites themselves: each passes a good plug-in, and each of its rules catches those that break it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suites } from '@ligature/testing';
import { afterAll, beforeEach, describe } from 'vitest';
import './support/quiet-backend.js';
import { adapterViolators, goodAdapter } from './violators/adapters.js';
import { backendViolators, goodBackend } from './violators/backends.js';
import { controllerViolators, goodController } from './violators/controllers.js';
import { datasetViolators, goodDataset } from './violators/datasets.js';
import { evaluatorViolators, goodEvaluator } from './violators/evaluators.js';
import { executorViolators, goodExecutor } from './violators/executors.js';
import { measuringViolators } from './violators/measuring-controllers.js';
import { goodModel, modelViolators } from './violators/models.js';
import { goodOptimizer, optimizerViolators } from './violators/optimizers.js';
import { goodRecorder, recorderViolators } from './violators/recorders.js';
import { goodReward, rewardViolators } from './violators/rewards.js';
import { goodStudy, studyViolators } from './violators/studies.js';
import { goodTask, taskViolators } from './violators/tasks.js';
import { goodTokenizer, tokenizerViolators } from './violators/tokenizers.js';
import { turningViolators } from './violators/turning-controllers.js';
import { goodWeights, weightsViolators } from './violators/weights.js';
import { testSuite } from './violators/violators.js';

describe('controllers', () => {
  testSuite('controllers', suites.controllers, goodController, [
    ...controllerViolators,
    ...measuringViolators,
    ...turningViolators,
  ]);
});

describe('rewards', () => {
  testSuite('rewards', suites.rewards, goodReward, rewardViolators);
});

describe('evaluators', () => {
  testSuite('evaluators', suites.evaluators, goodEvaluator, evaluatorViolators);
});

describe('tokenizers', () => {
  testSuite('tokenizers', suites.tokenizers, goodTokenizer, tokenizerViolators);
});

describe('datasets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-datasets-'));
  const lines = Array.from({ length: 120 }, (_, line) => `Line ${line} of ${line * line}: 🐋 ${line % 7}\n`);
  // Anew for each: some violators write into the folder.
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(join(folder, 'text.txt'), lines.join(''));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const options = { source: 'text.txt', folder };
  const violators = datasetViolators.map(({ timeoutSeconds = 10, ...violator }) => ({
    ...violator,
    options: { ...options, timeoutSeconds },
  }));
  testSuite('datasets', suites.datasets, goodDataset, violators, options);
});

describe('models', () => {
  testSuite('models', suites.models, goodModel, modelViolators);
});

describe('tasks', () => {
  testSuite('tasks', suites.tasks, goodTask, taskViolators);
});

describe('optimizers', () => {
  testSuite('optimizers', suites.optimizers, goodOptimizer, optimizerViolators);
});

describe('adapters', () => {
  testSuite('adapters', suites.adapters, goodAdapter, adapterViolators);
});

describe('weights', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-weights-'));
  // Anew for each: one of them writes into it.
  beforeEach(() => writeFileSync(join(folder, 'weights'), 'here\n'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const options = { folder, missing: { path: 'nothing' } };
  const violators = weightsViolators.map(({ timeoutSeconds = 10, ...violator }) => ({
    ...violator,
    options: { ...options, timeoutSeconds },
  }));
  testSuite('weights', suites.weights, goodWeights, violators, options);
});

describe('studies', () => {
  testSuite('studies', suites.studies, goodStudy, studyViolators);
});

describe('executors', () => {
  testSuite('executors', suites.executors, goodExecutor, executorViolators);
});

describe('backends', () => {
  testSuite('backends', suites.backends, goodBackend, backendViolators);
});

describe('recorders', () => {
  testSuite('recorders', suites.recorders, goodRecorder, recorderViolators);
});
