/** What a retraining shows and what it does not, in plain words made from its numbers. */
import type { MetricSpec } from '@ligature/core';
import { floorsSentence } from '../presentation/floors.js';
import { plural, theseData } from '../presentation/words.js';
import {
  amount,
  beyond,
  judged,
  metricName,
  opposite,
  powerText,
  probability,
  seedsOfPlanned,
  signedAmount,
} from '../statistics/wording.js';
import type { Retraining, RetrainingDifference } from './types.js';

type Measured = Omit<Retraining, 'verdict'>;

export function retrainingVerdict(retraining: Measured): string {
  const { rows, unfinished, seeds, run } = retraining;
  const open = unfinished > 0 ? [`${plural(unfinished, 'trial')} have not been run to their end.`] : [];
  if (rows.length === 0) return ['No trial finished, so nothing is shown.', ...open].join(' ');
  return [
    ofMap(retraining),
    ...ofHistory(retraining),
    ...ofRun(retraining),
    ...floors(retraining),
    ...open,
    `This is about one map, found once by ${run.controller} at seed ${run.seed}, at this budget and on ${theseData(retraining.task)}` +
      `${seeds.length === 1 ? '; one seed tests nothing.' : `, over ${seeds.length} seeds.`}`,
  ].join(' ');
}

/** The map itself, or only how many blocks it has? */
function ofMap({ map, againstEach, mapsWithAsManyBlocks, run, rows, task }: Measured): string {
  const metric = task.metrics[0] as MetricSpec;
  const blocks = plural(run.blocks, 'block');
  if (mapsWithAsManyBlocks === '1') {
    return `There is one map with ${blocks}, so the map and its number of blocks are the same thing.`;
  }
  if (!map)
    return 'No random map was trained beside the found one, so nothing is shown about the map itself.';
  const random = rows.filter(({ arm }) => arm === 'random').length;
  const others = `${plural(random, 'random map')} with ${blocks}`;
  const size = test(map, metric);
  const shown = againstEach.filter(({ finding }) => judged(finding, metric) === 'better').length;
  const each = againstEach.length > 1 ? ` It is shown to be better than ${shown} of them one by one.` : '';
  switch (judged(map.finding, metric) ?? map.finding) {
    case 'better':
      return `The found map itself matters: from scratch it ends ${beyond(metric)} the mean of ${others} ${size}.${each}`;
    case 'worse':
      return `The found map is worse than chance: from scratch it ends ${opposite(metric)} the mean of ${others} ${size}.`;
    case 'untested':
      return `From scratch the found map ends ${signedAmount(map.difference.mean, metric)} from the mean of ${others}; with ${plural(map.seeds.length, 'seed')} that is not tested.`;
    case 'equivalent':
      return `The found map matters by less than ${amount(map.equivalence?.margin ?? 0, metric)} beyond its number of blocks, and shown so: from scratch it ends within that of the mean of ${others} ${size}.`;
    case 'incomplete':
      return `Whether the found map matters is not claimed: trials are missing, ${seedsOfPlanned(map.seeds.length, map.planned)} are whole ${size}.`;
    default:
      return (
        `The found map is not shown to matter beyond its number of blocks: from scratch its ${metricName(metric)} ` +
        `is not shown to differ from the mean of ${others} ${size}.${each}`
      );
  }
}

/** Did it help to have been tied and untied on the way? */
function ofHistory({ history, rows, run, task }: Measured): string[] {
  const metric = task.metrics[0] as MetricSpec;
  if (!history) {
    const continued = rows.find(({ arm }) => arm === 'continued');
    if (!continued) return [];
    return [
      `The run's model, going on with its map frozen, ends at ${amount(continued.value.mean, metric)}, after ${continued.steps} steps ` +
        `in all where the others had ${run.budget}: that says nothing about its history.`,
    ];
  }
  const tokens = 'equally many steps of the found map from scratch';
  const size = test(history, metric);
  switch (judged(history.finding, metric) ?? history.finding) {
    case 'better':
      return [
        `The training history helps: going on from the run's model ends ${beyond(metric)} ${tokens} ${size}.`,
      ];
    case 'worse':
      return [
        `The training history hurts: going on from the run's model ends ${opposite(metric)} ${tokens} ${size}.`,
      ];
    case 'untested':
      return [
        `Going on from the run's model ends ${signedAmount(history.difference.mean, metric)} from ${tokens}, on average over ` +
          `${plural(history.seeds.length, 'seed')}. All of them go on from one checkpoint, so they are one history, and nothing is shown about histories.`,
      ];
    case 'incomplete':
      return [`Whether the training history matters is not claimed: trials are missing ${size}.`];
    default:
      return [
        `The training history is not shown to matter: going on from the run's model is not shown to end elsewhere than ${tokens} ${size}.`,
      ];
  }
}

function ofRun({ reached, run, task }: Measured): string[] {
  const metric = task.metrics[0] as MetricSpec;
  if (run.loss === null || !reached)
    return [`The run was not finished, so its own ${metricName(metric)} is not compared.`];
  const { low, high, loss, minusFoundAtItsSeed: minus } = reached;
  const same =
    minus === null
      ? ''
      : `; at its own seed, ${signedAmount(minus, metric)} from the found map fixed from the first step on`;
  const head = `The run itself reached ${amount(loss, metric)}${same}`;
  if (low === null || high === null) return [`${head}.`];
  const bounds = `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  if (loss < low) return [`${head}. That is below ${bounds}, where its map alone would end on another seed.`];
  if (loss > high)
    return [`${head}. That is above ${bounds}, where its map alone would end on another seed.`];
  return [`${head}. That is within ${bounds}, where its map alone would end on another seed.`];
}

function test(one: RetrainingDifference, metric: MetricSpec): string {
  const {
    difference: { mean, low, high },
    correctedP,
    finding,
  } = one;
  const power = finding === 'no-difference' ? `; ${powerText(one, metric)}` : '';
  const bounds = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const p = correctedP === null ? '' : `, ${probability(correctedP)}`;
  return `(${signedAmount(mean, metric)}${bounds}${p}, paired by seed${power})`;
}

function floors({ floors: measured, task, rows }: Measured): string[] {
  const sentence = floorsSentence(
    measured,
    task.metrics[0] as MetricSpec,
    rows.map(({ value }) => value.mean),
  );
  return sentence === '' ? [] : [sentence];
}
