/** What a landscape shows and what it does not, in plain words made from its numbers. */
import { floorsSentence } from '../presentation/floors.js';
import { plural, theseData } from '../presentation/words.js';
import { FEWEST_PAIRS } from '../statistics/findings.js';
import type { MeanInterval } from '../statistics/student.js';
import type { MetricSpec } from '@ligature/core';
import {
  amount,
  best as extreme,
  judged,
  metricName,
  powerText,
  probability,
  seedsOfPlanned,
  signedAmount,
} from '../statistics/wording.js';
import type { ControllerRegret, Landscape, LandscapeMap } from './types.js';

export function landscapeVerdict(landscape: Omit<Landscape, 'verdict'>): string {
  const { maps, seeds, unfinished } = landscape;
  const open = unfinished > 0 ? [`${plural(unfinished, 'trial')} have not been run to their end.`] : [];
  if (maps.length === 0) {
    return ['No seed has been trained with every map, so nothing is ranked yet.', ...open].join(' ');
  }
  return [
    best(landscape),
    ...effectOfBlocks(landscape),
    ...stability(landscape),
    front(landscape),
    ...landscape.controllers.map((controller) => regret(controller, primary(landscape))),
    ...floors(landscape),
    ...dropped(landscape),
    ...open,
    seeds.length === 1
      ? 'One seed says nothing about how another would rank the maps.'
      : `All of this is at this budget, on ${theseData(landscape.task)}, over ${seeds.length} seeds; nothing is shown about convergence.`,
  ].join(' ');
}

const primary = ({ task }: Pick<Landscape, 'task'>): MetricSpec => task.metrics[0] as MetricSpec;

function best({ maps, best: found, seeds, askedSeeds, space, task }: Omit<Landscape, 'verdict'>): string {
  const metric = primary({ task });
  const [first, second] = maps as [LandscapeMap, LandscapeMap | undefined];
  const of = space.sampled ? `the ${maps.length} maps drawn from ${space.all}` : `the ${maps.length} maps`;
  const the = `the ${extreme(metric)} ${seeds.length === 1 ? '' : 'mean '}validation ${metricName(metric)}`;
  const has =
    `Of ${of}, ${first.label} has ${the} (${amount(first.validationMean, metric)}), ` +
    `and a test ${metricName(metric)} of ${amount(first.value.mean, metric)}`;
  if (!second || !found) return `${has}.`;
  const { againstBest } = second;
  if (againstBest === null || againstBest.finding === 'untested')
    return `${has}; with ${plural(seeds.length, 'seed')} no difference is tested, so no map is called the best.`;
  if (askedSeeds.length > seeds.length)
    return `${has}; that is over ${seedsOfPlanned(seeds.length, askedSeeds.length)}, so no map is called the best yet.`;
  const power = againstBest.finding === 'no-difference' ? `; ${powerText(againstBest, metric)}` : '';
  const p = againstBest.correctedP === null ? '' : `, ${probability(againstBest.correctedP)}`;
  const gap =
    `${second.label} comes next, ${signedAmount(second.value.mean - first.value.mean, metric)} on the test split ` +
    `(paired by seed, Holm-corrected${p}${power})`;
  if (found.shownBest) return `${has}, and every other one is shown to be worse: ${gap}.`;
  const { notShownWorse } = found;
  return (
    `${has}; ${gap}. ${notShownWorse.length} of the ${maps.length - 1} others ${notShownWorse.length === 1 ? 'is' : 'are'} ` +
    'not shown to be worse, so no map is called the best.'
  );
}

function effectOfBlocks({
  blocksEffect: { groups, etaSquared, epsilonSquared },
}: Omit<Landscape, 'verdict'>): string[] {
  if (etaSquared === null || groups.length < 2) return [];
  const corrected =
    epsilonSquared === null
      ? ''
      : epsilonSquared <= 0
        ? ', which is no more than chance gives that many groups'
        : `; ${percent(epsilonSquared)} without what chance gives that many groups`;
  return [
    `The number of blocks explains ${percent(etaSquared)} of the variance between the maps' means (eta squared)${corrected}.`,
  ];
}

function stability({
  stability: { pairs, meanTau, meanTauWithinBlocks },
}: Omit<Landscape, 'verdict'>): string[] {
  if (meanTau === null) return [];
  const within =
    meanTauWithinBlocks === null
      ? ''
      : `, and ${meanTauWithinBlocks.toFixed(2)} between maps with equally many blocks`;
  return [
    `Two seeds rank the maps with a Kendall tau-b of ${meanTau.toFixed(2)} on average over ` +
      `${plural(pairs.length, 'pair')} of seeds${within} (1: alike, 0: as chance would).`,
  ];
}

function front({ maps, front: labels, seeds, task }: Omit<Landscape, 'verdict'>): string {
  const always = maps.filter(({ onFront, frontSeeds }) => onFront && frontSeeds.length === seeds.length);
  const where = seeds.length === 1 ? '' : `; on every seed alone: ${list(always.map(({ label }) => label))}`;
  return `On the Pareto front of validation ${metricName(primary({ task }))} against parameters: ${list(labels)}${where}.`;
}

function regret(
  { controller, againstBest, againstAsSmall, ofMap, chance }: ControllerRegret,
  metric: MetricSpec,
): string {
  const interval = (one: MeanInterval): string => intervalText(one, metric);
  const parts = [
    againstBest && `${interval(againstBest)} against the best fixed map`,
    againstAsSmall && `${interval(againstAsSmall)} against the best with at most as many blocks`,
    ofMap && `its final map, trained fixed, ${interval(ofMap)} against the best with as many blocks`,
  ].filter((part) => part !== null);
  const head = `Regret of ${controller}: ${parts.length > 0 ? parts.join('; ') : 'not measured'}.`;
  if (!chance) return head;
  const { finding, difference, correctedP, sensitivity, equivalence } = chance;
  const power = sensitivity === null ? '' : `; ${powerText(chance, metric)}`;
  const p = correctedP === null ? '' : `, ${probability(correctedP)}`;
  const size = `(${interval(difference)}${p})`;
  switch (judged(finding, metric) ?? finding) {
    case 'better':
      return `${head} Its final maps are shown to be better than random ones with as many blocks ${size}.`;
    case 'worse':
      return `${head} Its final maps are shown to be worse than random ones with as many blocks ${size}.`;
    case 'untested':
      return `${head} Whether its final map beats a random one with as many blocks was not tested, for want of ${FEWEST_PAIRS} seeds.`;
    case 'equivalent':
      return `${head} Its final maps are shown to be within ${amount(equivalence?.margin ?? 0, metric)} of random ones with as many blocks ${size}.`;
    case 'incomplete':
      return `${head} Whether its final maps beat random ones is not claimed: trials are missing ${size}.`;
    default:
      return `${head} Its final maps are not shown to be better than random ones with as many blocks (${interval(difference)}${p}${power}).`;
  }
}

function dropped({ maps, space }: Omit<Landscape, 'verdict'>): string[] {
  const missing = space.maps - maps.length;
  return missing > 0 ? [`${plural(missing, 'map')} failed on a seed and are left out of the ranking.`] : [];
}

function intervalText({ mean, low, high }: MeanInterval, metric: MetricSpec): string {
  const bounds = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${signedAmount(mean, metric)}${bounds}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const list = (labels: readonly string[]): string => (labels.length > 0 ? labels.join(', ') : 'none');

/** Where the maps stand, all of them. */
function floors({ floors: measured, maps, task }: Omit<Landscape, 'verdict'>): string[] {
  const sentence = floorsSentence(
    measured,
    primary({ task }),
    maps.map(({ value }) => value.mean),
  );
  return sentence === '' ? [] : [sentence];
}
