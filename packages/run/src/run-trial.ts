/** The whole of one run, from configuration to result, in this process. */
import { join } from 'node:path';
import {
  createRunContainer,
  dataLabel,
  improvement,
  settleConfig,
  TOKENS,
  type BestStep,
  type Evaluator,
  type MeasuredBest,
  type Metrics,
  type RunConfig,
  type RunContainer,
  type Snapshot,
} from '@ligature/core';
import { makeFolders, writeJson } from '@ligature/core/node';
import { summaryOf, TRAINER_TOKENS } from '@ligature/trainer';
import { acquireRunLock, CheckpointStore, type LoadedCheckpoint } from '@ligature/trainer/node';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { Collector } from './collector.js';
import {
  assertSameData,
  compareData,
  dataChanged,
  dataUnknown,
  logDigestsOf,
  logPositionOf,
  restoreRun,
  RunCheckpoints,
} from './checkpointing.js';
import { enterStage, raiseNotice } from './compose-environment.js';
import { composeRun } from './compose.js';
import { controllerLabel } from './controller-label.js';
import { createChosen } from './create-chosen.js';
import { heard, pinDataset, type HeardEnvironment, type RunEnvironment } from './environment.js';
import { EventLog, logLimits } from './event-log.js';
import { finishedRun } from './finished-run.js';
import { MADE_WITH, madeWith, type TakenBackend } from './made-with.js';
import { writeManifest } from './manifest.js';
import { PEAK, peakOf, MemoryWatch } from './memory-watch.js';
import { savesMoving } from './modules/measuring.js';
import { trainer } from './modules/training.js';
import { newestCheckpoint, openModel } from './open-run.js';
import { loadNamedPlugins } from './plugins.js';
import { readEventLog } from './read-event-log.js';
import type { TrialResult } from './results.js';
import { assertNoLinksOut } from './run-folder.js';
import {
  beganOn,
  explainRunFailure,
  takeBackend,
  takeSameBackend,
  type BackendOverride,
} from './take-backend.js';
import { RUN_TOKENS } from './tokens.js';

/**
 * Trains, evaluates and saves one run.
 *
 * @param folder the run's folder; made if it is not there
 * @param override another backend than the configuration's, which stays what it is
 * @throws InputError for whatever the configuration gets wrong, LigatureError when training fails
 */
export async function runTrial(
  written: RunConfig,
  folder: string,
  env: RunEnvironment,
  override: BackendOverride = {},
): Promise<TrialResult> {
  return heard(env, (inside) => beginTrial(written, folder, inside, override));
}

async function beginTrial(
  written: RunConfig,
  folder: string,
  env: HeardEnvironment,
  override: BackendOverride,
): Promise<TrialResult> {
  const settled = settleConfig(written, env.host);
  const backend = await takeBackend(settled, env, override);
  const config = await pinDataset(settled, env);
  const container = await composeRun(config, env);
  return disposing(container, async () => {
    const { changed } = compareData(env.digests ?? {}, container.get(TOKENS.prepared));
    if (changed.length > 0) {
      throw dataChanged(
        `Train a run on "${dataLabel(config)}" beside others`,
        changed,
        'what the other trials of the study had',
      );
    }
    await makeFolders(folder);
    await lockFolder(folder, env, container);
    await writeJson(join(folder, 'config.json'), config);
    await writeManifest(folder, config, backend, env, beganFrom(container));
    const log = await EventLog.create(folder, logLimits(config.eventLog));
    return trainAndMeasure({ config, folder, env, container, backend, log });
  });
}

/**
 * Goes on with a run where its newest good checkpoint left it, as if it had never stopped: on the backend on which it
 * began, unless another one is named. A run that was completed is not touched: its result is given.
 *
 * @throws InputError when there is no run, no good checkpoint, or another process is at it
 */
export async function resumeTrial(
  folder: string,
  env: RunEnvironment,
  override: BackendOverride = {},
): Promise<TrialResult> {
  return heard(env, (inside) => goOn(folder, inside, override));
}

async function goOn(folder: string, env: HeardEnvironment, override: BackendOverride): Promise<TrialResult> {
  assertNoLinksOut(folder);
  const outer = createRunContainer();
  return disposing(outer, async () => {
    // Before anything is read: another process could move the run on in between.
    await lockFolder(folder, env, outer);
    const finished = finishedRun(folder);
    if (finished) return finished;
    const checkpoint = await newestCheckpoint(folder, env);
    await loadNamedPlugins(env);
    const config = settleConfig(checkpoint.model.config, env.host);
    const backend = await takeSameBackend(config, checkpoint, folder, env, override);
    // Before a new model is made in the sizes of the configuration.
    (await openModel(checkpoint.model, folder, env)).registry.dispose();
    const container = await composeRun(config, env, checkpoint.model.task);
    return disposing(container, async () => {
      const unknown = assertSameData(checkpoint, container.get(TOKENS.prepared));
      if (unknown.length > 0) await raiseNotice(env, dataUnknown(unknown));
      if (override.backend !== undefined || beganOn(folder) === undefined) {
        await writeManifest(folder, config, backend, env, beganFrom(container));
      }
      const position = logPositionOf(checkpoint);
      const files = logDigestsOf(checkpoint);
      const log = await EventLog.resume(folder, position, logLimits(config.eventLog), files);
      return trainAndMeasure({ config, folder, env, container, backend, log, checkpoint });
    });
  });
}

const beganFrom = (container: RunContainer): Parameters<typeof writeManifest>[4] => {
  const [weights, files] = [container.find(RUN_TOKENS.weightsOrigin), container.find(RUN_TOKENS.splitFiles)];
  return { ...(weights && { weights }), ...(files && { files }), ...foundFloors(container) };
};

/** What is said of the data, and of its batches in the shape that training takes. */
function factsOf(container: RunContainer): TrialResult['data'] {
  const prepared = container.get(TOKENS.prepared);
  const { context } = container.get(TOKENS.model);
  const { batch } = container.get(TOKENS.config).training;
  return { ...prepared.facts, ...prepared.shapeFacts?.({ batch, context }) };
}

/** Left out where the task names none. */
function foundFloors(container: RunContainer): Pick<TrialResult, 'floors'> {
  const floors = container.get(RUN_TOKENS.floors);
  return floors.length > 0 ? { floors } : {};
}

/** Does the work and disposes the container, whatever happens; the first error is the one to report. */
async function disposing<T>(container: RunContainer, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // Its first error is the one to report, also when disposing fails in its turn.
    await container.dispose().catch(() => undefined);
    throw explainRunFailure(error);
  }
  await container.dispose();
  return result;
}

/** Keeps other processes out of the run's folder until the container is disposed. */
async function lockFolder(folder: string, env: HeardEnvironment, container: RunContainer): Promise<void> {
  const { patience = 0 } = env;
  const lock = await acquireRunLock(folder, { patience });
  container.onDispose(() => lock.release());
  const { takenOver } = lock;
  if (takenOver) await enterStage(env, `Taking over the lock of process ${takenOver.pid}, which is gone`);
}

interface Trial {
  readonly config: RunConfig;
  readonly folder: string;
  readonly env: HeardEnvironment;
  readonly container: RunContainer;
  readonly backend: TakenBackend;
  readonly log: EventLog;
  /** Where to go on from; none: a new run. */
  readonly checkpoint?: LoadedCheckpoint;
}

async function trainAndMeasure(trial: Trial): Promise<TrialResult> {
  const { config, folder, env, container, backend, log, checkpoint } = trial;
  const bus = container.get(TOKENS.bus);
  const registry = container.get(TOKENS.registry) as WeightRegistry;
  container.onDispose(() => log.close());
  container.onDispose(log.attach(bus));
  await attachRecorders(config, folder, env, container);
  const collector = new Collector();
  const memory = new MemoryWatch(bus, checkpoint && peakOf(checkpoint));
  const made = madeWith(backend, env.host);
  let completed = false;
  const [primary] = container.get(RUN_TOKENS.metrics);
  const score = (step: number): number | undefined => {
    // The last step is measured on other batches, so its value cannot be set against the others, unless it is to be.
    const over =
      config.evaluation.final.of === 'last' && (completed || container.get(TRAINER_TOKENS.trainer).isSpent);
    const value = over || !primary ? undefined : collector.validationAt(step, primary.name);
    return value === undefined || !primary ? undefined : -improvement(primary, 0, value);
  };
  const checkpoints = new RunCheckpoints(container, createStore(config, folder), log, score, () => ({
    totals: collector.snapshot(),
    [MADE_WITH]: made as unknown as Snapshot,
    [PEAK]: { bytes: memory.peak().backendBytes },
  }));
  await trainer(checkpoints)(container);
  if (checkpoint) {
    const { totals } = checkpoint.parts;
    if (totals !== undefined) collector.restore(totals);
    else for (const event of readEventLog(folder)) collector.observe(event);
    restoreRun(checkpoint, container);
    const { steps: planned, finalPasses = [] } = container.get(TRAINER_TOKENS.options);
    const steps = collector.announcedSteps ?? planned;
    const { unit } = container.get(TOKENS.task);
    const { tieMap } = registry;
    await bus.publish({ type: 'run.resumed', step: checkpoint.step, steps, tieMap, unit, finalPasses });
  }
  collector.attach(bus);

  const { outcome, step, flops, measuring, best } = await container.get(TRAINER_TOKENS.trainer).run();
  completed = outcome === 'completed';
  const last = { tieMap: registry.tieMap, ledger: container.get(TOKENS.ledger)() };
  const { tieMap, ledger } = best ?? last;
  const result: TrialResult = {
    controller: controllerLabel(config.controller),
    seed: config.seed,
    steps: step,
    tokens: collector.tokens,
    ...collector.measured(best?.step),
    ...foundFloors(container),
    ...{ ledger, tieMap },
    ...(best && { best: measuredBest(best, last, collector.validationAt(step, primary?.name ?? '')) }),
    tieMaps: collector.tieMaps,
    losses: collector.losses,
    diagnostics: collector.diagnostics,
    memory: memory.peak(),
    tokensPerSecond: collector.tokensPerSecond(),
    trainingSeconds: collector.trainingSeconds,
    trainingFlops: flops,
    measuring,
    ...summaryOf(container.get(TOKENS.task), container.get(RUN_TOKENS.metrics)),
    data: factsOf(container),
    digests: { ...container.get(TOKENS.prepared).digests },
    summary: Object.assign({}, ...container.get(RUN_TOKENS.evaluators).map(named)) as Metrics,
    backend: { name: backend.name, version: backend.version, detail: backend.detail },
    outcome,
    folder,
    config,
  };
  // A run that was stopped has been saved by the trainer; it publishes nothing, so that its log can go on.
  if (completed) {
    await bus.publish({ type: 'checkpoint.saved', step, path: await checkpoints.save(step) });
  }
  await writeJson(join(folder, 'result.json'), result);
  return result;
}

function createStore(config: RunConfig, folder: string): CheckpointStore {
  const { keepLast, keepBest } = config.checkpoint;
  return new CheckpointStore(join(folder, 'checkpoints'), {
    keepLast,
    keepBest: keepBest || config.evaluation.final.of === 'best',
  });
}

function measuredBest(
  { step, value }: BestStep,
  last: Pick<MeasuredBest['last'], 'tieMap' | 'ledger'>,
  lastValue = Number.NaN,
): MeasuredBest {
  return { step, value, last: { value: lastValue, ...last } };
}

async function attachRecorders(
  config: RunConfig,
  folder: string,
  env: RunEnvironment,
  container: RunContainer,
): Promise<void> {
  for (const chosen of config.recorders) {
    const context = { folder, get: container.get };
    const recorder = await createChosen(env.host, config, 'recorders', chosen, context);
    container.onDispose(() => recorder.close());
    container.onDispose(recorder.attach(container.get(TOKENS.bus)));
    savesMoving(container, 'recorder', recorder);
  }
}

/** An evaluator's findings under its own name: `throughput.tokensPerSecond`. */
function named(evaluator: Evaluator): Metrics {
  const found = Object.entries(evaluator.summary?.() ?? {});
  return Object.fromEntries(found.map(([metric, value]) => [`${evaluator.name}.${metric}`, value]));
}
