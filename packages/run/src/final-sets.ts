/**
 * What a run is measured on at its end. It is to cost no more than a tenth of the training: how many batches that are is
 * computed from the configuration and the sizes of the data alone, so that every run of the same has the same ones.
 */
import type { EvaluationSet, ModelCost, RunConfig, SplitName, Stack } from '@ligature/core';

/** Of what the training costs. */
const SHARE = 0.1;
/** Of what training on a target costs, scoring it: the pass forward, without the two backward. */
const FORWARD = 1 / 3;

export type Sets = Readonly<Partial<Record<SplitName, EvaluationSet>>>;

export interface Training {
  /** Targets of a micro-batch. */
  readonly weight: number;
  readonly stack: Pick<Stack, 'layers' | 'parameters'>;
  readonly cost: ModelCost;
}

/**
 * Batches of each split that are measured; no entry: all of them.
 *
 * With `auto` all splits give the same share of their batches, each at least one.
 */
export function finalBatches(
  config: Pick<RunConfig, 'training' | 'evaluation'>,
  whole: Sets,
  training: Training,
): Partial<Record<SplitName, number>> {
  const { splits, batches } = config.evaluation.final;
  if (batches === 'all') return {};
  const sets = splits.flatMap((split) => whole[split] ?? []);
  const weight = sets.reduce((sum, { scope }) => sum + scope.weight, 0);
  const share = (SHARE * trainedTargets(config.training, training)) / (FORWARD * weight);
  return Object.fromEntries(
    sets.flatMap(({ scope: { split }, batches: { length } }) => {
      const few = batches === 'auto' ? Math.max(1, Math.floor(share * length)) : batches;
      return few < length ? [[split, few]] : [];
    }),
  );
}

/** Under a budget of FLOPs at least; under one of seconds, which no count follows from, those of `training.steps`. */
function trainedTargets(
  { steps, accumulation, budget }: RunConfig['training'],
  { weight, stack, cost }: Training,
): number {
  if (budget?.kind === 'tokens') return budget.amount;
  if (budget?.kind === 'flops') {
    const untied = forwardFlops(cost, stack);
    // A tied stack may take less, and so more steps.
    if (untied > 0) return ((budget.amount * FORWARD) / untied) * weight;
  }
  return steps * accumulation * weight;
}

/** Of one micro-batch, whatever is tied. */
function forwardFlops({ weightFlops, layerActivationFlops }: ModelCost, stack: Training['stack']): number {
  const { layers, parameters } = stack;
  return parameters.reduce(
    (sum, { name, sharing }) => sum + (weightFlops[name] ?? 0) * (sharing === 'global' ? 1 : layers),
    layers * layerActivationFlops,
  );
}
