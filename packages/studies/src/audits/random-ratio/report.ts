/** Independent layers that uniformly random actions leave, set against the harmonic number and the paper's claims. */
import { largest, smallest } from '@ligature/core';
import { CONFIDENCE, FEWEST_PAIRS, judge } from '../../statistics/findings.js';
import { meanInterval } from '../../statistics/student.js';
import type { SweepCount } from '../sweeps.js';
import { atLeastRandomBlocks, randomBlocks } from './theory.js';
import type { AuditReport, AuditTable } from '../types.js';
import { list, plural, probabilityText, shareText } from '../words.js';

/**
 * What the paper and the official repository say. The share is that of Hay & Wolf, ICLR 2024 (arXiv 2401.12819), as
 * public summaries give it: "at least 75 %" of the layers replicated. The run of 48 layers is one that the repository
 * tamirdh/Dynamic-Layer-Tying drew (global_attn/new_plot.py, commit 63fafaf): independent 0, 2, 4, 5, 9, 10, 36.
 */
export const PAPER = { tiedShare: 0.75, drawnRun: { layers: 48, independent: 7 } } as const;

/** Random actions on one stack, a list per seed: the counts after each sweep. */
export interface RandomReplays {
  readonly layers: number;
  readonly official: readonly (readonly SweepCount[])[];
  readonly clean: readonly (readonly SweepCount[])[];
}

type Semantics = 'official' | 'clean';

export function randomRatioReport(replays: readonly RandomReplays[]): AuditReport {
  const [first] = replays;
  const seeds = first?.clean.length ?? 0;
  const sweeps = first?.clean[0]?.length ?? 0;
  return {
    audit: 'random-ratio',
    title: 'How much random actions tie',
    question: 'How many layers stay independent when every action is drawn at random?',
    method:
      `The random controller decided on one layer after another through the real tying process and registry, under the ` +
      `official and the clean semantics, ${plural(sweeps, 'sweep')} for each of ${plural(seeds, 'seed')}, other ones for each semantics; nothing was trained. ` +
      'Counted after the last sweep.',
    tables: [table(replays)],
    figure: {
      title: 'Independent layers under random actions',
      xTitle: 'layers of the stack',
      yTitle: 'independent layers (mean, 95 % interval)',
      fromZero: true,
      series: [
        { name: 'harmonic number', points: replays.map(({ layers }) => ({ x: layers, y: H(layers) })) },
        ...(['official', 'clean'] as const).map((semantics) => ({
          name: `${semantics}: independent`,
          points: replays.map((one) => {
            const { mean, low, high } = interval(finals(one, semantics));
            return { x: one.layers, y: mean, ...(low !== null && high !== null && { low, high }) };
          }),
        })),
        {
          name: 'official: distinct storages',
          points: replays.map((one) => ({ x: one.layers, y: interval(storages(one)).mean })),
        },
      ],
    },
    finding: finding(replays),
    limits: [
      'Layer i has i + 1 equally likely actions, one of them "independent", in the official code and here; layer 0 is ' +
        'always independent. So the expected number is H_L = 1 + 1/2 + … + 1/L after every whole sweep, under both ' +
        'semantics. Under the official one it counts what the log says, not the weights that exist.',
      'The share of 75 % is that of Hay & Wolf (ICLR 2024) as public summaries quote it; the run with 7 of 48 layers is one ' +
        'that the official repository drew (global_attn/new_plot.py, commit 63fafaf). Neither was repeated here.',
      'That a share is reached at random says nothing about how good the maps are.',
    ],
    failed: [],
    config: null,
  };
}

const H = (layers: number): number => randomBlocks(layers).mean;

const last = (counts: readonly SweepCount[]): SweepCount => counts.at(-1) as SweepCount;
const finals = (one: RandomReplays, semantics: Semantics): number[] =>
  one[semantics].map((counts) => last(counts).independent);
const storages = ({ official }: RandomReplays): number[] => official.map((counts) => last(counts).storages);
const interval = (values: readonly number[]) => meanInterval(values, CONFIDENCE);
const enoughTied = (independent: number, layers: number): boolean =>
  1 - independent / layers >= PAPER.tiedShare;

function table(replays: readonly RandomReplays[]): AuditTable {
  const pair = (key: string, heading: string) =>
    [
      { key, heading, unit: 'effect' },
      { key: `${key}_low`, heading: 'Interval from', unit: 'effect' },
      { key: `${key}_high`, heading: 'to', unit: 'effect' },
    ] as const;
  return {
    key: 'lengths',
    title: 'Independent layers after the last sweep',
    columns: [
      { key: 'layers', heading: 'Layers', unit: 'count' },
      { key: 'harmonic', heading: 'Theory H_L', unit: 'effect' },
      ...pair('official', 'Official log'),
      ...pair('clean', 'Clean'),
      { key: 'theory_sd', heading: 'SD by theory', unit: 'effect' },
      { key: 'clean_sd', heading: 'SD of clean', unit: 'effect' },
      { key: 'official_storages', heading: 'Official storages', unit: 'effect' },
      { key: 'tied', heading: 'Tied layers', unit: 'share' },
      { key: 'seeds_with_75', heading: 'Seeds ≥\u00a075\u00a0%', unit: 'share' },
    ],
    rows: replays.map((one) => {
      const { layers } = one;
      const clean = finals(one, 'clean');
      const [official, mean] = [interval(finals(one, 'official')), interval(clean)];
      const theory = randomBlocks(layers);
      return [
        ...[layers, theory.mean],
        ...[official.mean, official.low, official.high],
        ...[mean.mean, mean.low, mean.high],
        ...[theory.standardDeviation, mean.standardDeviation, interval(storages(one)).mean],
        1 - mean.mean / layers,
        clean.filter((count) => enoughTied(count, layers)).length / clean.length,
      ];
    }),
  };
}

function finding(replays: readonly RandomReplays[]): string {
  return [theorySentence(replays), ratioSentence(replays), drawnSentence(replays), storageSentence(replays)]
    .filter(Boolean)
    .join(' ');
}

function theorySentence(replays: readonly RandomReplays[]): string {
  const groups = replays.flatMap((one) =>
    (['official', 'clean'] as const).map((semantics) => ({
      layers: one.layers,
      semantics,
      differences: finals(one, semantics).map((count) => count - H(one.layers)),
      measured: finals(one, semantics),
    })),
  );
  if (groups.some(({ differences }) => differences.length < FEWEST_PAIRS))
    return `Fewer than ${FEWEST_PAIRS} seeds cannot be set against a mean: give more with --seeds.`;
  const judged = judge(groups);
  const off = groups.filter((_, index) => ['lower', 'higher'].includes(judged[index]?.finding ?? ''));
  if (off.length === 0) {
    const least = probabilityText(smallest(judged.map(({ correctedP }) => correctedP ?? 1)));
    const detectable = largest(judged.map(({ sensitivity }) => sensitivity?.detectable ?? 0));
    return (
      `No mean is shown to differ from the harmonic number, under both semantics and at all of ` +
      `${plural(replays.length, 'stack size')} (smallest Holm-corrected ${least}); with 80 % power a difference of ` +
      `${detectable.toFixed(2)} layers would have been shown at each of them.`
    );
  }
  const where = off.map(({ layers, semantics }) => `${semantics} with ${layers} layers`);
  return `The harmonic number is NOT what was counted for ${list(where)} (Holm-corrected p below 0.05).`;
}

function ratioSentence(replays: readonly RandomReplays[]): string {
  const reached = replays.filter((one) => enoughTied(interval(finals(one, 'clean')).mean, one.layers));
  const shares = (some: readonly RandomReplays[]): string =>
    list(
      some.map((one) => {
        const tied = 1 - interval(finals(one, 'clean')).mean / one.layers;
        return `${shareText(tied)} of ${one.layers}`;
      }),
    );
  if (reached.length === 0) {
    return `Random actions tie less than the paper's 75 % on average at every size here: ${shares(replays)} layers.`;
  }
  return (
    `Random actions alone tie on average ${shares(reached)} layers, which is the "at least 75 %" of the paper: ` +
    'at these sizes such a share is no evidence that anything was learned.'
  );
}

/** The official repository's run of 48 layers against the exact law of random actions. */
function drawnSentence(replays: readonly RandomReplays[]): string {
  const { layers, independent } = PAPER.drawnRun;
  if (!replays.some((one) => one.layers === layers)) return '';
  const chance = atLeastRandomBlocks(layers, independent);
  const verdict =
    chance < 1 - CONFIDENCE ? 'more than random actions are likely to leave' : 'within what chance leaves';
  return `A run of ${layers} layers that the official repository drew had ${independent} independent: ${verdict} (${independent} or more in ${shareText(chance)} of random sweeps).`;
}

function storageSentence(replays: readonly RandomReplays[]): string {
  const biggest = replays.reduce((most, one) => (one.layers > most.layers ? one : most));
  const [logged, real] = [interval(finals(biggest, 'official')).mean, interval(storages(biggest)).mean];
  return real < logged
    ? `Under the official semantics the weights that exist are fewer than that: ${real.toFixed(2)} storages against ${logged.toFixed(2)} logged at ${biggest.layers} layers.`
    : `Under the official semantics as many storages exist as are logged (${real.toFixed(2)} at ${biggest.layers} layers).`;
}
