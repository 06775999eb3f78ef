/** From the trials of a retraining to what it says. */
import quantile from '@stdlib/stats-base-dists-t-quantile';
import type { RunConfig } from '@ligature/core';
import { mean } from 'simple-statistics';
import { seedsOf } from '../plan.js';
import type { TrialsOutcome } from '../run-trials.js';
import { CONFIDENCE } from '../statistics/comparison-statistics.js';
import { meanInterval } from '../statistics/student.js';
import { testedDifferences } from '../statistics/tested-differences.js';
import { mapsWithAsManyBlocks } from './draw.js';
import type { RetrainingSettings, RetrainingTrial } from './plan.js';
import type { ReachedByRun, Retraining, RetrainingDifference, RetrainingRow } from './types.js';
import { retrainingVerdict } from './verdict.js';

export function summarizeRetraining(
  config: RunConfig,
  { run }: RetrainingSettings,
  trials: readonly RetrainingTrial[],
  { finished, failed: broken }: TrialsOutcome,
): Retraining {
  const measured = finished.filter(({ result }) => Number.isFinite(result.test['nats']));
  const failed = [
    ...broken,
    ...finished
      .filter((one) => !measured.includes(one))
      .map(({ plan: { label, seed } }) => ({
        controller: label,
        seed,
        message: 'it has no finite test loss',
      })),
  ];
  const rows = rowsOf(trials, measured);
  const found = rows.find(({ arm }) => arm === 'found');
  const random = rows.filter(({ arm }) => arm === 'random');
  const [first] = finished;
  const summary: Omit<Retraining, 'verdict'> = {
    format: 1,
    dataset: config.dataset.name,
    tokenizer: config.tokenizer.name,
    vocabularySize: first?.result.text.vocabularySize ?? 0,
    backend: first ? `${first.result.backend.name} (${first.result.backend.detail})` : config.backend.name,
    seeds: seedsOf(config),
    run,
    rows,
    mapsWithAsManyBlocks: String(mapsWithAsManyBlocks(run.tieMap)),
    map: difference('found', found, 'random maps', random),
    againstEach: family(random.map((row) => ['found', found, row.label, [row]])),
    history: difference(
      'continued',
      rows.find(({ arm }) => arm === 'continued'),
      'found-long',
      rows.filter(({ arm }) => arm === 'found-long'),
    ),
    reached: reachedBy(run, found),
    failed,
    unfinished: trials.length - finished.length - broken.length,
    config,
  };
  return { ...summary, verdict: retrainingVerdict(summary) };
}

function rowsOf(trials: readonly RetrainingTrial[], finished: TrialsOutcome['finished']): RetrainingRow[] {
  const labels = [...new Set(trials.map(({ plan }) => plan.label))];
  return labels.flatMap((label) => {
    const trial = trials.find(({ plan }) => plan.label === label);
    const own = finished.filter(({ plan }) => plan.label === label);
    const [first] = own;
    if (!trial || !first) return [];
    const { arm, tieMap, steps } = trial;
    const { uniqueParameters } = first.result.ledger;
    const blocks = new Set(tieMap).size;
    const losses = own.map(({ result }) => result.test['nats'] as number);
    return [
      {
        ...{ arm, label, tieMap, blocks, uniqueParameters, steps },
        seeds: own.map(({ plan }) => plan.seed),
        ...{ losses, loss: meanInterval(losses, CONFIDENCE) },
      },
    ];
  });
}

type Asked = readonly [string, RetrainingRow | undefined, string, readonly RetrainingRow[]];

/** One row minus the mean of others, over the seeds that all of them finished. */
function difference(...asked: Asked): RetrainingDifference | null {
  return family([asked])[0] ?? null;
}

/** Questions that are answered together; those without a seed are left out. */
function family(asked: readonly Asked[]): RetrainingDifference[] {
  const lists = asked.flatMap(([first, row, second, others]) => {
    const seeds = (row?.seeds ?? []).filter(
      (seed) => others.length > 0 && others.every((other) => other.seeds.includes(seed)),
    );
    if (!row || seeds.length === 0) return [];
    const differences = seeds.map(
      (seed) => lossOn(row, seed) - mean(others.map((other) => lossOn(other, seed))),
    );
    return [{ first, second, seeds, differences }];
  });
  const tested = testedDifferences(lists.map(({ differences }) => differences));
  return lists.map((list, index) => ({ ...list, ...(tested[index] as (typeof tested)[number]) }));
}

const lossOn = ({ seeds, losses }: RetrainingRow, seed: number): number =>
  losses[seeds.indexOf(seed)] as number;

/**
 * A prediction interval for one more number of a normal sample: mean ± t(n - 1) s sqrt(1 + 1/n) (Hahn & Meeker 1991,
 * Statistical Intervals, section 4.7).
 */
function reachedBy(run: RetrainingSettings['run'], found: RetrainingRow | undefined): ReachedByRun | null {
  if (run.loss === null || !found) return null;
  const { n, mean: center, standardDeviation } = found.loss;
  const half =
    standardDeviation === null
      ? null
      : quantile((1 + CONFIDENCE) / 2, n - 1) * standardDeviation * Math.sqrt(1 + 1 / n);
  return {
    loss: run.loss,
    low: half === null ? null : center - half,
    high: half === null ? null : center + half,
    minusFoundAtItsSeed: found.seeds.includes(run.seed) ? run.loss - lossOn(found, run.seed) : null,
  };
}
