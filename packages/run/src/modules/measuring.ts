/** What is measured: evaluators, evaluations on the way and at the end, rewards. */
import {
  TOKENS,
  type Metric,
  type RunConfig,
  type RunContainer,
  type RunModule,
  type Snapshotable,
  type Task,
} from '@ligature/core';
import { RewardProcess } from '@ligature/evaluators';
import { createEvaluation, measureBatches, passesCost, TRAINER_TOKENS } from '@ligature/trainer';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { memory } from '@tensorflow/tfjs-core';
import { createChosen } from '../create-chosen.js';
import { tell, type ComposeEnvironment } from '../compose-environment.js';
import { assertSetApart } from '../cut-split.js';
import { finalBatches, type Sets } from '../final-sets.js';
import { floorsOfResult, measureFloors } from '../floors.js';
import { RUN_TOKENS } from '../tokens.js';

export const evaluators =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const made = await Promise.all(
      config.evaluation.evaluators.map((chosen) =>
        createChosen(env.host, config, 'evaluators', chosen, {
          layers: container.get(TOKENS.objective).layers,
          backendBytes: () => memory().numBytes,
          now: env.now,
          get: container.get,
        }),
      ),
    );
    container.provide(RUN_TOKENS.evaluators, made);
    container.provide(RUN_TOKENS.metrics, allMetrics(container.get(TOKENS.task), made));
    for (const evaluator of made) {
      const detach = evaluator.attach?.(container.get(TOKENS.bus));
      if (detach) container.onDispose(detach);
      savesMoving(container, 'evaluator', evaluator);
    }
  };

/** The task's metrics; an evaluator's of the same name stands in the place of the task's. */
export function allMetrics(
  { metrics }: Pick<Task, 'metrics'>,
  made: readonly { readonly metrics?: readonly Metric[] }[],
): readonly Metric[] {
  const all = [...metrics, ...made.flatMap((evaluator) => evaluator.metrics ?? [])];
  return [...new Map(all.map((metric) => [metric.name, metric])).values()];
}

/** An evaluator or recorder that says it has a state is saved under a name of its own. */
export function savesMoving(
  container: RunContainer,
  kind: 'evaluator' | 'recorder',
  part: { readonly name: string } & Partial<Snapshotable>,
): void {
  if (!part.snapshot || !part.restore) return;
  const snapshot = part.snapshot.bind(part);
  const restore = part.restore.bind(part);
  container.saves(`${kind}/${part.name}`, { snapshot, restore });
}

/** The batches that the run is measured on at its end. */
export const finalSets =
  (config: RunConfig): RunModule =>
  (container) => {
    const objective = container.get(TOKENS.objective);
    const cut = container.get(RUN_TOKENS.splits);
    const { shape, weight } = container.get(TOKENS.trainingBatches);
    const training = { weight, stack: objective, cost: objective.cost(shape) };
    const few = finalBatches(config, { validation: cut.validation.open, test: cut.test.open }, training);
    const sets = config.evaluation.final.splits.map((split) => {
      const { open, take } = cut[split];
      const count = few[split];
      return [split, count === undefined ? open : take('spread', count)];
    });
    container.provide(RUN_TOKENS.finalSets, Object.fromEntries(sets) as Sets);
  };

export const evaluations =
  ({ evaluation }: RunConfig, env: ComposeEnvironment): RunModule =>
  (container) => {
    const { validation, test } = container.get(RUN_TOKENS.splits);
    const sets = {
      full: container.get(RUN_TOKENS.finalSets),
      batches: { validation: validation.of, test: test.of },
      apart: { validation: validation.apart.length },
      quick: { validation: validation.take('first', evaluation.batches) },
    };
    const evaluate = createEvaluation(
      container.get(TOKENS.objective),
      container.get(TOKENS.registry) as WeightRegistry,
      sets,
      container.get(RUN_TOKENS.metrics),
      (progress) => tell(env.bus, { type: 'evaluation.progressed', ...progress }),
    );
    container.provide(TRAINER_TOKENS.evaluate, evaluate);
  };

/** Measured before the training, so that a run that is stopped has them, too. */
export const floors =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const measured = await measureFloors(
      {
        prepared: container.get(TOKENS.prepared),
        task: container.get(TOKENS.task),
        config,
        context: container.get(TOKENS.model).context,
        sets: container.get(RUN_TOKENS.finalSets),
      },
      env,
    );
    container.provide(RUN_TOKENS.floors, floorsOfResult(measured));
  };

/** Rewards cost evaluations, so they are measured only for controllers that learn from them. */
export const rewards =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const { tying, training } = config;
    const prepared = container.get(TOKENS.prepared);
    const shape = { batch: training.batch, context: container.get(TOKENS.model).context };
    const fresh = prepared.batches(shape, container.get(TOKENS.streams).stream('reward'));
    container.saves('probe', fresh);
    const { validation } = container.get(RUN_TOKENS.splits);
    const { open, apart } = validation;
    const fixed = tying.probe === 'set-apart' ? apart : open.batches.slice(0, tying.probeBatches);
    const objective = container.get(TOKENS.objective);
    const owner = container.get(TOKENS.registry) as WeightRegistry;
    const { metrics } = container.get(TOKENS.task);
    container.provide(TOKENS.probe, async () => {
      const batches =
        tying.probe === 'fresh-train'
          ? Array.from({ length: tying.probeBatches }, () => fresh.next())
          : fixed;
      const cost = passesCost((shape) => owner.ledger(objective.cost(shape)), batches, 1, 'forward');
      return { ...(await measureBatches(objective, owner.view(), batches, metrics)), cost };
    });
    const reward = await createChosen(env.host, config, 'rewards', config.reward, { get: container.get });
    if (!container.get(TOKENS.controller).learn) return;
    assertSetApart(validation, config);
    container.provide(TOKENS.reward, reward);
    const process = container.build(RewardProcess);
    container.onDispose(process.attach());
    container.saves('reward', process);
  };
