/** The whole of one run, from configuration to result, in this process. */
import { join } from 'node:path';
import type { SelectedBackend } from '@ligature/backends';
import {
  createRunContainer,
  InputError,
  type EventBus,
  type Evaluator,
  type Metrics,
  type RunConfig,
  type RunContainer,
} from '@ligature/core';
import { acquireRunLock, CheckpointStore, type LoadedCheckpoint } from '@ligature/trainer';
import { memory as tfMemory } from '@tensorflow/tfjs-core';
import { Collector } from './collector.js';
import { assertSameText, logPositionOf, restoreRun, RunCheckpoints } from './checkpointing.js';
import { buildTrainer, composeRun, disposeAfter, movingPart, type ComposedRun } from './compose.js';
import { controllerLabel } from './controller-label.js';
import type { RunEnvironment } from './environment.js';
import { EventLog, logLimits, readEventLog } from './event-log.js';
import { writeManifest } from './manifest.js';
import { reportDamage, savedRegistry, savedTokenizer } from './open-run.js';
import { loadNamedPlugins } from './plugins.js';
import { LANGUAGE_MODEL } from './metrics.js';
import type { MemoryPeak, TextSummary, TrialResult } from './results.js';
import { assertNoLinksOut, makeFolders, writeJson } from './run-folder.js';
import { explainRunFailure, takeBackend, takeSameBackend, type BackendOverride } from './take-backend.js';
import { prepareText, prepareTokens, type PreparedText } from './text.js';

/** How a new run begins where not as its configuration says. */
export interface RunStart extends BackendOverride {
  /** A run folder whose newest checkpoint gives the first weights, tie map and moments; all else begins anew. */
  readonly from?: string;
}

/**
 * Trains, evaluates and saves one run.
 *
 * @param folder the run's folder; made if it is not there
 * @param start another backend than the configuration's, which stays what it is; weights of another run
 * @throws InputError for whatever the configuration gets wrong, LigatureError when training fails
 */
export async function runTrial(
  config: RunConfig,
  folder: string,
  env: RunEnvironment,
  { from, ...override }: RunStart = {},
): Promise<TrialResult> {
  const backend = await takeBackend(config, env, override);
  const text = await prepareText(config, env);
  const run = await composeRun(config, text, env);
  return disposing(run.container, async () => {
    if (from !== undefined) await takeWeights(from, text, env, run);
    makeFolders(folder);
    await lockFolder(folder, env, run.container);
    writeJson(join(folder, 'config.json'), config);
    writeManifest(folder, config, backend, env);
    const log = await EventLog.create(folder, logLimits(config.eventLog));
    return trainAndMeasure({ config, folder, env, run, text, backend, log });
  });
}

/**
 * Goes on with a run where its newest good checkpoint left it, as if it had never stopped: on the backend on which it
 * began, unless another one is named.
 *
 * @throws InputError when there is no run, no good checkpoint, or another process is at it
 */
export async function resumeTrial(
  folder: string,
  env: RunEnvironment,
  override: BackendOverride = {},
): Promise<TrialResult> {
  assertNoLinksOut(folder);
  const outer = createRunContainer();
  return disposing(outer, async () => {
    // Before anything is read: another process could move the run on in between.
    await lockFolder(folder, env, outer);
    const checkpoint = await newestCheckpoint(folder, env);
    const { config } = checkpoint.model;
    await loadNamedPlugins(env);
    const backend = await takeSameBackend(config, folder, env, override);
    const tokenizer = await savedTokenizer(checkpoint.model, folder, env);
    // Before a new model is made in the sizes of the configuration.
    (await savedRegistry(checkpoint.model, tokenizer, folder, env)).dispose();
    const text = { tokenizer, tokens: await prepareTokens(config, tokenizer, env) };
    assertSameText(checkpoint, text);
    const run = await composeRun(config, text, env);
    return disposing(run.container, async () => {
      if (override.backend !== undefined) writeManifest(folder, config, backend, env);
      const log = await EventLog.resume(folder, logPositionOf(checkpoint), logLimits(config.eventLog));
      return trainAndMeasure({ config, folder, env, run, text, backend, log, checkpoint });
    });
  });
}

/** Does the work and disposes the container, whatever happens; the first error is the one to report. */
async function disposing<T>(container: RunContainer, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await disposeAfter(container);
    throw explainRunFailure(error);
  }
  await container.dispose();
  return result;
}

/** Keeps other processes out of the run's folder until the container is disposed. */
async function lockFolder(folder: string, env: RunEnvironment, container: RunContainer): Promise<void> {
  const lock = await acquireRunLock(folder);
  container.onDispose(() => lock.release());
  if (lock.takenOver) env.onStage?.(`Taking over the lock of process ${lock.takenOver.pid}, which is gone`);
}

interface Trial {
  readonly config: RunConfig;
  readonly folder: string;
  readonly env: RunEnvironment;
  readonly run: ComposedRun;
  readonly text: PreparedText;
  readonly backend: SelectedBackend;
  readonly log: EventLog;
  /** Where to go on from; none: a new run. */
  readonly checkpoint?: LoadedCheckpoint;
}

async function trainAndMeasure(trial: Trial): Promise<TrialResult> {
  const { config, folder, env, run, text, backend, log, checkpoint } = trial;
  const { bus, registry, parts } = run;
  run.container.onDispose(() => log.close());
  run.container.onDispose(log.attach(bus));
  await attachRecorders(config, folder, env, run);
  const collector = new Collector();
  const memory = new MemoryWatch(bus);
  let completed = false;
  const checkpoints = new RunCheckpoints(
    config,
    text,
    createStore(config, folder),
    log,
    registry,
    parts,
    // The last step is measured on the whole split, so its loss cannot be set against the others.
    (step) => (completed ? undefined : collector.validationAt(step)),
  );
  const trainer = buildTrainer(run, checkpoints);
  if (checkpoint) {
    for (const event of readEventLog(folder)) collector.observe(event);
    restoreRun(checkpoint, registry, parts);
    const steps = collector.announcedSteps ?? config.training.steps;
    env.onResumed?.({ step: checkpoint.step, steps, tieMap: registry.tieMap });
  }
  collector.attach(bus);
  env.listen?.(bus);

  const { outcome, step, flops } = await trainer.run();
  completed = outcome === 'completed';
  const result: TrialResult = {
    controller: controllerLabel(config.controller),
    seed: config.seed,
    ...LANGUAGE_MODEL,
    steps: step,
    tokens: collector.tokens,
    validation: collector.metrics('validation'),
    test: collector.metrics('test'),
    ledger: registry.ledger(config.training.batch, config.model.context),
    tieMap: registry.tieMap,
    tieMaps: collector.tieMaps,
    losses: collector.losses,
    diagnostics: collector.diagnostics,
    memory: memory.peak(),
    tokensPerSecond: collector.tokensPerSecond(),
    trainingSeconds: collector.trainingSeconds,
    trainingFlops: flops,
    text: summarizeText(text),
    summary: Object.assign({}, ...run.evaluators.map(named)) as Metrics,
    backend: { name: backend.name, version: backend.version, detail: backend.detail },
    outcome,
    folder,
    config,
  };
  // A run that was stopped has been saved by the trainer; it publishes nothing, so that its log can go on.
  if (completed) {
    await bus.publish({ type: 'checkpoint.saved', step, path: await checkpoints.save(step) });
  }
  writeJson(join(folder, 'result.json'), result);
  return result;
}

/** @throws InputError (`run-unreadable`, `run-text-changed`), ContractError when they are of another kind of model */
async function takeWeights(
  from: string,
  text: PreparedText,
  env: RunEnvironment,
  { registry }: ComposedRun,
): Promise<void> {
  assertNoLinksOut(from);
  const checkpoint = await newestCheckpoint(from, env);
  assertSameText(checkpoint, text);
  // Its other parts stay as they were made: the loop, the batches and the controller begin anew.
  restoreRun(checkpoint, registry, {});
}

function createStore(config: RunConfig, folder: string): CheckpointStore {
  const { keepLast, keepBest } = config.checkpoint;
  return new CheckpointStore(join(folder, 'checkpoints'), { keepLast, keepBest });
}

async function newestCheckpoint(folder: string, env: RunEnvironment): Promise<LoadedCheckpoint> {
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const checkpoint = await store.latest();
  reportDamage(checkpoint?.damaged ?? [], env);
  if (checkpoint) return checkpoint;
  throw new InputError('run-unreadable', {
    asked: `Resume the run "${folder}"`,
    found: 'it has no checkpoint',
    todo: 'Give the folder of a run that `ligature train` began',
  });
}

async function attachRecorders(
  config: RunConfig,
  folder: string,
  env: RunEnvironment,
  { bus, container, parts }: ComposedRun,
): Promise<void> {
  for (const { name, options } of config.recorders) {
    const recorder = await env.host.create('recorders', name, options, { folder });
    container.onDispose(() => recorder.close());
    container.onDispose(recorder.attach(bus));
    Object.assign(parts, movingPart('recorder', recorder));
  }
}

/** An evaluator's findings under its own name: `throughput.tokensPerSecond`. */
function named(evaluator: Evaluator): Metrics {
  const found = Object.entries(evaluator.summary?.() ?? {});
  return Object.fromEntries(found.map(([metric, value]) => [`${evaluator.name}.${metric}`, value]));
}

function summarizeText({ tokenizer, tokens }: PreparedText): TextSummary {
  return {
    vocabularySize: tokenizer.vocabularySize,
    trainingTokens: tokens.tokens('train').length,
    validationTokens: tokens.tokens('validation').length,
    testTokens: tokens.tokens('test').length,
    splits: tokens.origin('test'),
  };
}

/** Peaks of this process, looked at after every step. */
class MemoryWatch {
  private backendBytes = 0;

  constructor(bus: EventBus) {
    bus.on('step.completed', 'memory watch').subscribe(() => {
      this.backendBytes = Math.max(this.backendBytes, tfMemory().numBytes);
    });
  }

  peak(): MemoryPeak {
    // Linux and macOS disagree on the unit of the system call; Node gives kibibytes on both.
    return { backendBytes: this.backendBytes, residentBytes: process.resourceUsage().maxRSS * 1024 };
  }
}
