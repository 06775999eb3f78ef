/** What forked halving shows and what it does not, in plain words made from its numbers. */
import type { MetricSpec } from '@ligature/core';
import { mapText, plural } from '../presentation/words.js';
import { amount, metricName } from '../statistics/wording.js';
import type { ForkedHalving } from './types.js';

type Found = Omit<ForkedHalving, 'verdict'>;

export function forkedHalvingVerdict(found: Found): string {
  const { maps, unfinished, failed } = found;
  const open = unfinished > 0 ? [`${plural(unfinished, 'trial')} have not been run to their end.`] : [];
  const broken =
    failed.length > 0 ? [`${plural(failed.length, 'trial')} failed, and their maps are out.`] : [];
  if (maps.every(({ values }) => values[0] === null))
    return ['No map has come to the end of a rung.', ...open].join(' ');
  return [
    ...winner(found),
    ...regret(found),
    ...agreement(found),
    ...cost(found),
    ...broken,
    ...open,
    'All maps begin from one checkpoint and have one order of batches: another run may prefer another map.',
  ].join(' ');
}

const primary = ({ task }: Found): MetricSpec => task.metrics[0] as MetricSpec;

function winner(found: Found): string[] {
  const { kept, rungs, maps, all } = found;
  if (kept === null) return [];
  const metric = primary(found);
  const [first, second] = maps;
  const last = rungs.length - 1;
  const value = first?.values[last];
  if (value == null) return [];
  const ahead = second?.values[last];
  const gap =
    ahead == null
      ? ''
      : `, ${amount(Math.abs(ahead - value), metric)} ahead of ${mapText(second!.tieMap)}, which is one pair of runs and no test`;
  const how = all ? 'has the best' : 'is left, with a';
  return [
    `${mapText(kept)} ${how} validation ${metricName(metric)} of ${amount(value, metric)} after ${rungs.at(-1)} steps${gap}.`,
  ];
}

function regret(found: Found): string[] {
  if (found.regret === null) return [];
  const { kept, place, regret: lost, cost: spent } = found.regret;
  const share = found.cost.steps > 0 ? Math.round((100 * spent.steps) / found.cost.steps) : 0;
  const what =
    place === 1
      ? 'the best one'
      : `number ${place} of ${found.maps.length}, ${amount(lost, primary(found))} behind the best`;
  return [`Halving would have kept ${mapText(kept)}, ${what}, for ${share} % of these steps.`];
}

/** What the first rung knew of the highest one that enough maps got to. */
function agreement({ agreement: all, rungs }: Found): string[] {
  if (rungs.length === 1) return [];
  const told = all.findLast(({ from, chance, tau }) => from === rungs[0] && chance !== null && tau !== null);
  if (told === undefined)
    return ['Too few maps went on to tell how much short rungs know of long ones; `--all` trains every map.'];
  const { from, to, maps } = told;
  const [tau, chance] = [told.tau as number, told.chance as number];
  const beside = Math.abs(tau) > chance ? 'more than chance gives' : 'no more than chance may give';
  return [
    `The orders after ${from} and after ${to} steps agree with a tau of ${tau.toFixed(2)} over ${maps} maps, ${beside} (${chance.toFixed(2)}).`,
  ];
}

function cost({ cost: spent, oneRun }: Found): string[] {
  if (oneRun === null || oneRun.steps === 0) return [];
  const times = spent.steps / oneRun.steps;
  return [
    `It took ${spent.steps.toLocaleString('en-US')} steps of training, ${times.toFixed(1)} times those of one map.`,
  ];
}
