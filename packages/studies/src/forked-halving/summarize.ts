/** From the trials of forked halving to what it says. */
import type { FinishedTrial, MetricSpec, StudyOutcome, TieMap } from '@ligature/core';
import { settingOf } from '../presentation/words.js';
import { kendallTauB } from '../statistics/kendall.js';
import { contiguousCount, ranked, survivors } from './halve.js';
import { rungTrial, type ForkedHalvingSettings } from './plan.js';
import type { Agreement, ForkCost, ForkedHalving, ForkedMap, HalvingRegret } from './types.js';
import { forkedHalvingVerdict } from './verdict.js';

/** Too few for the normal approximation to say anything. */
const FEWEST_MAPS = 4;
const TWO_SIDED_5_PERCENT = 1.959964;

type Outcome = Pick<StudyOutcome, 'config' | 'trials' | 'finished' | 'failed'>;

export function summarizeForkedHalving(settings: ForkedHalvingSettings, outcome: Outcome): ForkedHalving {
  const { config, trials, finished, failed } = outcome;
  const { run, rungs, all } = settings;
  const setting = settingOf(config, finished[0]?.result);
  const metric = setting.task.metrics[0] as MetricSpec;
  const forks = settings.maps.map((map) => forkOf(settings, outcome, metric, map));
  const last = rungs.length - 1;
  const ended = ranked(forks.map((fork) => ({ ...fork, metric, value: fork.values[last] ?? Number.NaN })));
  const isOver = trials.length === finished.length + failed.length;
  const kept = isOver ? (ended[0]?.tieMap ?? null) : null;
  const blocks = new Set(settings.maps[0]).size;
  const summary: Omit<ForkedHalving, 'verdict'> = {
    format: 1,
    ...setting,
    ...{ run, rungs, all, blocks },
    allMaps: contiguousCount(run.layers, blocks),
    maps: inOrder(forks, metric).map(({ trials: _, ...fork }) => fork),
    agreement: agreements(forks, rungs),
    kept,
    regret: all && isOver ? regretOf(forks, metric, rungs.length) : null,
    cost: costOf(finished),
    oneRun: kept && costOf(forks.find(({ tieMap }) => tieMap === kept)?.trials ?? []),
    failed,
    unfinished: trials.length - finished.length - failed.length,
    config,
  };
  return { ...summary, verdict: forkedHalvingVerdict(summary) };
}

interface Fork extends ForkedMap {
  /** Its rungs that are over, the lowest first. */
  readonly trials: readonly FinishedTrial[];
}

function forkOf(
  settings: ForkedHalvingSettings,
  { config, finished }: Outcome,
  { name }: MetricSpec,
  tieMap: TieMap,
): Fork {
  const found = settings.rungs.map((_, rung) => {
    const { id } = rungTrial(config, settings, rung, tieMap);
    return finished.find(({ trial }) => trial.id === id);
  });
  const trials = found.filter((one) => one !== undefined);
  const top = found[settings.rungs.length - 1];
  return {
    tieMap,
    values: found.map((one) => finite(one?.result.validation[name])),
    test: finite(top?.result.test[name]),
    steps: settings.rungs[trials.length - 1] ?? 0,
    uniqueParameters: trials[0]?.result.ledger.uniqueParameters ?? null,
    trials,
  };
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

/** By how far they got, and by the value there. */
function inOrder(forks: readonly Fork[], metric: MetricSpec): Fork[] {
  const reached = (fork: Fork): number => fork.values.findLastIndex((value) => value !== null);
  const heights = [...new Set(forks.map(reached))].sort((a, b) => b - a);
  return heights.flatMap((height) => {
    const own = forks.filter((fork) => reached(fork) === height);
    return height < 0
      ? own
      : ranked(own.map((fork) => ({ fork, metric, value: fork.values[height]! }))).map(({ fork }) => fork);
  });
}

function agreements(forks: readonly Fork[], rungs: readonly number[]): Agreement[] {
  return rungs.flatMap((to, upper) =>
    rungs.slice(0, upper).map((from, lower): Agreement => {
      const pairs = forks.flatMap(({ values }) => {
        const [early, late] = [values[lower], values[upper]];
        return early == null || late == null ? [] : [[early, late] as const];
      });
      const n = pairs.length;
      const tau = kendallTauB(
        pairs.map(([early]) => early),
        pairs.map(([, late]) => late),
      );
      const variance = (2 * (2 * n + 5)) / (9 * n * (n - 1));
      const chance = n < FEWEST_MAPS ? null : TWO_SIDED_5_PERCENT * Math.sqrt(variance);
      return { from, to, maps: n, tau, chance };
    }),
  );
}

/** Halving as it would have gone, by the values that all maps have at its rungs. */
function regretOf(forks: readonly Fork[], metric: MetricSpec, rungs: number): HalvingRegret | null {
  const scored = (fork: Fork, rung: number) => ({
    map: fork.tieMap,
    metric,
    value: fork.values[rung] ?? Number.NaN,
  });
  const end = ranked(forks.map((fork) => scored(fork, rungs - 1)));
  let left: readonly Fork[] = forks;
  let carriedOut: FinishedTrial[] = [];
  for (let rung = 0; rung < rungs; rung += 1) {
    carriedOut = carriedOut.concat(left.flatMap(({ trials }) => trials[rung] ?? []));
    const count = rung === rungs - 1 ? 1 : Math.ceil(left.length / 2);
    const going = survivors(
      left.map((fork) => scored(fork, rung)),
      count,
    );
    left = forks.filter(({ tieMap }) => going.includes(tieMap));
  }
  const [kept, best] = [left[0]?.tieMap, end[0]];
  const place = end.findIndex(({ map }) => map === kept);
  if (kept === undefined || best === undefined || place < 0) return null;
  const regret = Math.abs(end[place]!.value - best.value);
  return { kept, place: place + 1, best: best.map, regret, cost: costOf(carriedOut) };
}

function costOf(trials: readonly FinishedTrial[]): ForkCost {
  const flops = trials.map(({ result }) => result.trainingFlops);
  return {
    steps: sum(trials.map(({ result }) => result.steps)),
    tokens: sum(trials.map(({ result }) => result.tokens)),
    flops: flops.some((one) => one === undefined) ? null : sum(flops as number[]),
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
