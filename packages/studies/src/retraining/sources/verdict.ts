/** What a retraining of several runs shows and what it does not, in plain words made from its numbers. */
import type { MetricSpec } from '@ligature/core';
import { floorsSentence } from '../../presentation/floors.js';
import { plural, theseData } from '../../presentation/words.js';
import { FEWEST_PAIRS } from '../../statistics/findings.js';
import {
  amount,
  beyond,
  judged,
  opposite,
  powerText,
  probability,
  signedAmount,
} from '../../statistics/wording.js';
import type { RetrainedSources, SourcesDifference } from './types.js';

type Measured = Omit<RetrainedSources, 'verdict'>;

export function retrainedSourcesVerdict(retrained: Measured): string {
  const { sources, unfinished, task, controller, seedsPerSource } = retrained;
  const open = unfinished > 0 ? [`${plural(unfinished, 'trial')} have not been run to their end.`] : [];
  const rows = sources.flatMap((source) => source.rows);
  if (rows.length === 0) return ['No trial finished, so nothing is shown.', ...open].join(' ');
  const metric = task.metrics[0] as MetricSpec;
  const floors = floorsSentence(
    retrained.floors,
    metric,
    rows.map(({ value }) => value.mean),
  );
  return [
    ofMap(retrained, metric),
    ...ofHistory(retrained, metric),
    ...(floors === '' ? [] : [floors]),
    ...open,
    `The units are ${plural(sources.length, 'source')}, runs of ${controller} with seeds of their own; each was retrained on ` +
      `${plural(seedsPerSource, 'seed')}, which share its map and history and count as one number. This is about ${controller} at ` +
      `this budget and on ${theseData(task)}.`,
  ].join(' ');
}

/** Are the maps worth more than others of their size? */
function ofMap({ map, controller }: Measured, metric: MetricSpec): string {
  if (!map)
    return 'No random map was trained beside the found ones, so nothing is shown about the maps themselves.';
  const others = 'random maps with as many blocks';
  return said(map, metric, {
    better: `The maps that ${controller} finds matter: from scratch they end ${beyond(metric)} ${others}`,
    worse: `The maps that ${controller} finds are worse than chance: from scratch they end ${opposite(metric)} ${others}`,
    equivalent: `The maps that ${controller} finds matter by less than the margin beyond their numbers of blocks, and shown so`,
    none: `The maps that ${controller} finds are not shown to matter beyond their numbers of blocks: from scratch they are not shown to differ from ${others}`,
    open: `Whether the maps that ${controller} finds matter is not`,
  });
}

/** Does it help to have been tied and untied on the way? */
function ofHistory({ history }: Measured, metric: MetricSpec): string[] {
  if (!history) return [];
  const tokens = 'equally many steps of the found maps from scratch';
  const sentence = said(history, metric, {
    better: `The training history helps: going on from the runs' models ends ${beyond(metric)} ${tokens}`,
    worse: `The training history hurts: going on from the runs' models ends ${opposite(metric)} ${tokens}`,
    equivalent: `The training history matters by less than the margin, and shown so`,
    none: `The training history is not shown to matter: going on from the runs' models is not shown to end elsewhere than ${tokens}`,
    open: `Whether the training history matters is not`,
  });
  return [sentence];
}

type Words = Readonly<Record<'better' | 'worse' | 'equivalent' | 'none' | 'open', string>>;

function said(one: SourcesDifference, metric: MetricSpec, words: Words): string {
  const size = sizeOf(one, metric);
  switch (judged(one.finding, metric) ?? one.finding) {
    case 'better':
      return `${words.better} ${size}.`;
    case 'worse':
      return `${words.worse} ${size}.`;
    case 'equivalent':
      return `${words.equivalent}: within ±${amount(one.equivalence?.margin ?? 0, metric)} ${size}.`;
    case 'untested':
      return `${words.open} tested, for want of ${FEWEST_PAIRS} sources ${size}.`;
    case 'incomplete':
      return `${words.open} claimed: trials are missing ${size}.`;
    default:
      return `${words.none} ${size}.`;
  }
}

function sizeOf(one: SourcesDifference, metric: MetricSpec): string {
  const {
    difference: { mean, low, high },
    correctedP,
    finding,
    sources,
    planned,
  } = one;
  const bounds = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const p = correctedP === null ? '' : `, ${probability(correctedP)}`;
  const count = sources.length === planned ? String(planned) : `${sources.length} of ${planned}`;
  const power = finding === 'no-difference' ? `; ${powerText(one, metric, 'sources')}` : '';
  return `(${signedAmount(mean, metric)}${bounds}${p}, over ${count} sources${power})`;
}
