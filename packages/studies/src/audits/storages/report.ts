/** Distinct weight storages against the layers that the official log calls independent, over episodes. */
import { smallest } from '@ligature/core';
import type { FailedTrial, RunConfig } from '@ligature/core';
import { CONFIDENCE } from '../../statistics/findings.js';
import { meanInterval } from '../../statistics/student.js';
import type { SweepCount } from '../sweeps.js';
import type { AuditPoint, AuditReport, AuditTable } from '../types.js';
import { plural, shareText } from '../words.js';

export interface StorageRuns {
  readonly layers: number;
  /** Trained runs of the official learner: one list per seed. */
  readonly trained: readonly (readonly SweepCount[])[];
  /** Replays of a policy that answers "independent" whenever it does not explore: one list per seed. */
  readonly exploration: readonly (readonly SweepCount[])[];
}

/** Episodes that a table has room for; the last one is always shown. */
const SHOWN = [1, 2, 3, 5, 10, 15, 20, 30, 40, 60, 80, 100];

export function storagesReport(
  runs: StorageRuns,
  config: RunConfig,
  failed: readonly FailedTrial[],
): AuditReport {
  const trained = averages(runs.trained);
  const exploration = averages(runs.exploration);
  const points = (list: readonly Average[], pick: 'independent' | 'storages'): AuditPoint[] =>
    list.map((one) => ({ x: one.sweep, y: one[pick] }));
  return {
    audit: 'storages',
    title: 'Distinct storages against logged independent layers',
    question: "Does the official log's number of independent layers say how many weight storages exist?",
    method:
      `Stacks of ${runs.layers} layers were trained under the official profile with the ` +
      `official learner (${plural(runs.trained.length, 'run')} of ${plural(trained.length, 'episode')}). Beside them, ${plural(runs.exploration.length, 'replay')} without training ` +
      'of exploration alone: the official one, and "independent" whenever it does not explore.',
    tables: [
      episodes('episodes', 'Trained runs, means over seeds', runs.trained, runs.layers),
      episodes('exploration', 'Exploration alone, means over seeds', runs.exploration, runs.layers),
      everyRun(runs),
    ],
    figure: {
      title: 'What the official log says, and what there is',
      xTitle: 'episode',
      yTitle: `layers or storages of ${runs.layers}`,
      fromZero: true,
      series: [
        { name: 'trained: logged independent', points: points(trained, 'independent') },
        { name: 'trained: distinct storages', points: points(trained, 'storages') },
        { name: 'exploration alone: logged independent', points: points(exploration, 'independent') },
        { name: 'exploration alone: distinct storages', points: points(exploration, 'storages') },
      ],
    },
    finding: finding(runs),
    limits: [
      'The storage bookkeeping does not depend on what is trained, on sizes or on text; the decisions of the learner do. ' +
        'Models here are far smaller than those of the paper, and episodes fewer.',
      'The semantics are those of the public code (tamirdh/Dynamic-Layer-Tying, commit f1f1529); what code made the tables of ' +
        'the paper is not known here.',
      'An episode is a sweep over layers 1 to L-1, counted after its last decision.',
    ],
    failed,
    config,
  };
}

interface Average {
  readonly sweep: number;
  readonly independent: number;
  readonly storages: number;
  /** Share of the runs in which all layers read one storage. */
  readonly collapsed: number;
}

/** Over the episodes that every run has. */
function averages(runs: readonly (readonly SweepCount[])[]): Average[] {
  const shared = runs.length === 0 ? 0 : smallest(runs.map(({ length }) => length));
  return Array.from({ length: shared }, (_, index) => {
    const at = runs.map((counts) => counts[index] as SweepCount);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / at.length;
    return {
      sweep: at[0]?.sweep ?? index + 1,
      independent: mean(at.map(({ independent }) => independent)),
      storages: mean(at.map(({ storages }) => storages)),
      collapsed: mean(at.map(({ storages }) => Number(storages === 1))),
    };
  });
}

function episodes(
  key: string,
  title: string,
  runs: readonly (readonly SweepCount[])[],
  layers: number,
): AuditTable {
  const list = averages(runs);
  return {
    key,
    title,
    columns: [
      { key: 'episode', heading: 'Episode', unit: 'count' },
      { key: 'logged_independent', heading: 'Logged independent', unit: 'effect' },
      { key: 'distinct_storages', heading: 'Distinct storages', unit: 'effect' },
      { key: 'logged_tied', heading: 'Tied by the log', unit: 'share' },
      { key: 'one_storage', heading: 'Runs with one storage', unit: 'share' },
    ],
    rows: list
      .filter(({ sweep }) => SHOWN.includes(sweep) || sweep === list.length)
      .map((one) => [
        ...[one.sweep, one.independent, one.storages],
        ...[1 - one.independent / layers, one.collapsed],
      ]),
  };
}

function everyRun({ trained }: StorageRuns): AuditTable {
  return {
    key: 'runs',
    title: 'Every episode of every trained run',
    detail: true,
    columns: [
      { key: 'run', heading: 'Run', unit: 'count' },
      { key: 'episode', heading: 'Episode', unit: 'count' },
      { key: 'logged_independent', heading: 'Logged independent', unit: 'count' },
      { key: 'distinct_storages', heading: 'Distinct storages', unit: 'count' },
    ],
    rows: trained.flatMap((counts, run) =>
      counts.map(({ sweep, independent, storages }) => [run + 1, sweep, independent, storages]),
    ),
  };
}

function finding({ layers, trained, exploration }: StorageRuns): string {
  const sentences = [
    sentence('In the trained runs', trained),
    sentence('Under exploration alone', exploration),
  ];
  const end = averages(exploration).at(-1);
  if (end && end.independent > 0.75 * layers && end.storages < 2) {
    sentences.push(
      'So a log that counts nearly every layer as independent can stand for a stack that has one set of weights.',
    );
  }
  return sentences.join(' ');
}

function sentence(where: string, runs: readonly (readonly SweepCount[])[]): string {
  const list = averages(runs);
  const end = list.at(-1);
  if (!end) return `${where} no episode was completed.`;
  const counts = runs.flatMap((run) => run.slice(0, list.length));
  const over = counts.filter(({ independent, storages }) => independent > storages).length / counts.length;
  const verdict =
    over === 0
      ? 'the log never says more than there is'
      : `the log says more than there is after ${shareText(over)} of all episodes, by ${difference(
          runs.map((run) => excess(run.slice(0, list.length))),
        )}`;
  const first = list.find(({ collapsed }) => collapsed === 1);
  const collapse = first
    ? `all layers of every run read one storage from episode ${first.sweep} on`
    : `all layers read one storage in ${shareText(end.collapsed)} of the runs at the end`;
  return (
    `${where} (${runs.length}) ${verdict}; ${collapse}. After episode ${end.sweep} it counts ` +
    `${end.independent.toFixed(2)} independent layers, where there are ${end.storages.toFixed(2)} distinct storages.`
  );
}

/** Logged minus real, on average over the episodes of a run. */
const excess = (run: readonly SweepCount[]): number =>
  run.reduce((sum, { independent, storages }) => sum + independent - storages, 0) / run.length;

function difference(over: readonly number[]): string {
  const { mean, low, high } = meanInterval(over, CONFIDENCE);
  const bounds =
    low === null || high === null ? '' : ` (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`;
  return `${mean.toFixed(2)} on average${bounds}`;
}
