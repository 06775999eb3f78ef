/** A finished run, opened again: to evaluate it or to write text with it. */
import { join } from 'node:path';
import {
  InputError,
  settleConfig,
  type EventBus,
  type Fitted,
  type Model,
  type Objective,
  type RunConfig,
  type Snapshot,
  type Task,
} from '@ligature/core';
import {
  CheckpointStore,
  type DamagedCheckpoint,
  type LoadedCheckpoint,
  type SavedModel,
} from '@ligature/trainer/node';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { bestStepOf, checkpointName } from '@ligature/trainer';
import { digestsOf } from './checkpointing.js';
import { enterStage } from './compose-environment.js';
import { openFitted, openTask } from './data.js';
import { withBus, type HeardEnvironment, type RunEnvironment } from './environment.js';
import { makeObjective } from './modules/model.js';
import { loadNamedPlugins } from './plugins.js';
import { assertNoLinksOut } from './run-folder.js';
import { savedRegistry } from './saved-registry.js';
import { takeBackend, type BackendOverride } from './take-backend.js';

/** A model of a saved run, ready to be used. */
export interface FittedModel {
  readonly config: RunConfig;
  readonly task: Task;
  readonly fitted: Fitted;
  readonly model: Model;
  readonly objective: Objective;
  readonly registry: WeightRegistry;
}

export interface OpenRun extends FittedModel {
  readonly folder: string;
  readonly saved: SavedModel;
  /** Where the model is that of the best step by validation: that step, and how many the run had. */
  readonly best?: { readonly step: number; readonly steps: number };
  /** Of the data that it was trained and measured on, by split; `undefined` where only the model was saved. */
  readonly digests: Readonly<Record<string, string>> | undefined;
  /** The one that `listen` of the environment was given. */
  readonly bus: EventBus;
  dispose(): void;
}

/**
 * Opens the model of a run: the newest checkpoint, or the one of the step that the run was measured at
 * (`evaluation.final.of: best`). It holds all that is needed: configuration, what its task saved, weights.
 *
 * @param override another backend than the run's, and its threads
 * @throws InputError (`run-unreadable`, …) when the folder holds no whole run
 */
export async function openRun(
  folder: string,
  env: RunEnvironment,
  override: BackendOverride = {},
): Promise<OpenRun> {
  const inside = withBus(env);
  try {
    return await open(folder, inside, override);
  } catch (error) {
    inside.bus.dispose();
    throw error;
  }
}

async function open(folder: string, env: HeardEnvironment, override: BackendOverride): Promise<OpenRun> {
  assertNoLinksOut(folder);
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const newest = await store.latestModel();
  if (!newest) throw unreadable(folder, 'it has no checkpoint');
  await reportDamage(newest.damaged, env);
  const best = bestStepOf(newest.parts?.['trainer']);
  const { name, model: saved, parts } = best === undefined ? newest : await store.open(checkpointName(best));
  await loadNamedPlugins(env);
  await takeBackend(saved.config, env, override);
  const opened = await openModel(saved, folder, env, parts);
  return {
    ...opened,
    ...{ folder, saved, digests: parts && digestsOf({ name, parts }), bus: env.bus },
    ...(best !== undefined && { best: { step: best, steps: newest.model.step } }),
    dispose() {
      opened.registry.dispose();
      env.bus.dispose();
    },
  };
}

/**
 * The model of a checkpoint with its weights. They take as much memory as the file has bytes, whatever sizes its
 * configuration claims: one that does not fit them is refused.
 *
 * @param parts of the checkpoint, where what the registry remembered is to be the same again
 */
export async function openModel(
  { config: written, task: saved, inputs, weights }: SavedModel,
  folder: string,
  env: RunEnvironment,
  parts?: Readonly<Record<string, Snapshot>>,
): Promise<FittedModel> {
  const config = settleConfig(written, env.host);
  const task = await openTask(config, env);
  const fitted = await openFitted(task, config, env, saved);
  const differing = Object.keys(inputs).find((name) => fitted.inputs[name] !== inputs[name]);
  if (differing !== undefined) {
    throw unreadable(
      folder,
      `its task was saved with ${differing} ${fitted.inputs[differing]}, its model with ${inputs[differing]}`,
    );
  }
  const { model, objective } = await makeObjective(config, task, fitted, env);
  const registry = savedRegistry(objective, config, weights, parts);
  return { config, task, fitted, model, objective, registry };
}

/** Says which checkpoints were passed over, and why. */
async function reportDamage(damaged: readonly DamagedCheckpoint[], env: HeardEnvironment): Promise<void> {
  for (const { name, reason } of damaged) {
    await enterStage(env, `Passing over the damaged checkpoint ${name}: ${reason}`);
  }
}

/** @throws InputError (`run-unreadable`) when there is no good one */
export async function newestCheckpoint(folder: string, env: HeardEnvironment): Promise<LoadedCheckpoint> {
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const checkpoint = await store.latest();
  await reportDamage(checkpoint?.damaged ?? [], env);
  if (checkpoint) return checkpoint;
  throw new InputError('run-unreadable', {
    asked: `Resume the run "${folder}"`,
    found: 'it has no checkpoint',
    todo: 'Give the folder of a run that `ligature train` began',
  });
}

function unreadable(folder: string, found: string): InputError {
  return new InputError('run-unreadable', {
    asked: `Open the run "${folder}"`,
    found,
    todo: 'Give the folder of a finished run (`ligature train` prints it), or train it again',
  });
}
