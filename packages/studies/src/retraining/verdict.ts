/** What a retraining shows and what it does not, in plain words made from its numbers. */
import { nats, probability } from '../statistics/wording.js';
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
    ...open,
    `This is about one map, found once by ${run.controller} at seed ${run.seed}, at this budget and on this text` +
      `${seeds.length === 1 ? '; one seed tests nothing.' : `, over ${seeds.length} seeds.`}`,
  ].join(' ');
}

/** The map itself, or only how many blocks it has? */
function ofMap({ map, againstEach, mapsWithAsManyBlocks, run, rows }: Measured): string {
  const blocks = plural(run.blocks, 'block');
  if (mapsWithAsManyBlocks === '1') {
    return `There is one map with ${blocks}, so the map and its number of blocks are the same thing.`;
  }
  if (!map)
    return 'No random map was trained beside the found one, so nothing is shown about the map itself.';
  const random = rows.filter(({ arm }) => arm === 'random').length;
  const others = `${plural(random, 'random map')} with ${blocks}`;
  const size = test(map);
  const shown = againstEach.filter(({ finding }) => finding === 'lower').length;
  const each = againstEach.length > 1 ? ` It is shown to be better than ${shown} of them one by one.` : '';
  switch (map.finding) {
    case 'lower':
      return `The found map itself matters: from scratch it ends below the mean of ${others} ${size}.${each}`;
    case 'higher':
      return `The found map is worse than chance: from scratch it ends above the mean of ${others} ${size}.`;
    case 'untested':
      return `From scratch the found map ends ${signed(map.difference.mean)} from the mean of ${others}; with one seed that is not tested.`;
    default:
      return (
        `The found map is not shown to matter beyond its number of blocks: from scratch its loss ` +
        `is not shown to differ from the mean of ${others} ${size}.${each}`
      );
  }
}

/** Did it help to have been tied and untied on the way? */
function ofHistory({ history, rows, run }: Measured): string[] {
  if (!history) {
    const continued = rows.find(({ arm }) => arm === 'continued');
    if (!continued) return [];
    return [
      `The run's model, going on with its map frozen, ends at ${nats(continued.loss.mean)}, after ${continued.steps} steps ` +
        `in all where the others had ${run.budget}: that says nothing about its history.`,
    ];
  }
  const tokens = 'equally many steps of the found map from scratch';
  const size = test(history);
  switch (history.finding) {
    case 'lower':
      return [`The training history helps: going on from the run's model ends below ${tokens} ${size}.`];
    case 'higher':
      return [`The training history hurts: going on from the run's model ends above ${tokens} ${size}.`];
    case 'untested':
      return [
        `Going on from the run's model ends ${signed(history.difference.mean)} from ${tokens}; with one seed that is not tested.`,
      ];
    default:
      return [
        `The training history is not shown to matter: going on from the run's model is not shown to end elsewhere than ${tokens} ${size}.`,
      ];
  }
}

function ofRun({ reached, run }: Measured): string[] {
  if (run.loss === null || !reached) return ['The run was not finished, so its own loss is not compared.'];
  const { low, high, loss, minusFoundAtItsSeed: minus } = reached;
  const same =
    minus === null
      ? ''
      : `; at its own seed, ${signed(minus)} from the found map fixed from the first step on`;
  const head = `The run itself reached ${nats(loss)}${same}`;
  if (low === null || high === null) return [`${head}.`];
  const bounds = `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  if (loss < low) return [`${head}. That is below ${bounds}, where its map alone would end on another seed.`];
  if (loss > high)
    return [`${head}. That is above ${bounds}, where its map alone would end on another seed.`];
  return [`${head}. That is within ${bounds}, where its map alone would end on another seed.`];
}

function test({ difference: { mean, low, high }, correctedP }: RetrainingDifference): string {
  const bounds = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const p = correctedP === null ? '' : `, ${probability(correctedP)}`;
  return `(${signed(mean)}${bounds}${p}, paired by seed)`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${nats(Math.abs(value))}`;
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
