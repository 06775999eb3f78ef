/** The tables of a landscape, defined once for Markdown, CSV and the terminal. */
import type { BlockGroup, ControllerRegret, Landscape, LandscapeMap, MeanInterval } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { formatQuantity, formatTieMap, quantities } from '../format.js';

const MISSING = '–';

/** Four digits: maps lie closer together than controllers. */
export const closeNats = (value: number | null | undefined): string =>
  value === null || value === undefined || !Number.isFinite(value) ? MISSING : value.toFixed(4);

export function natsInterval({ low, high }: Pick<MeanInterval, 'low' | 'high'>): string {
  return low === null || high === null ? MISSING : `${closeNats(low)} to ${closeNats(high)}`;
}

/** `+0.0123 [+0.0021, +0.0225]` */
export function signedInterval(interval: MeanInterval | null): string {
  if (interval === null) return MISSING;
  const { mean, low, high } = interval;
  const sign = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(4)}`;
  return low === null || high === null ? sign(mean) : `${sign(mean)} [${sign(low)}, ${sign(high)}]`;
}

export const pValue = (p: number | null | undefined): string =>
  p === null || p === undefined ? MISSING : p < 0.001 ? '< 0.001' : p.toFixed(3);

const FINDINGS = {
  lower: 'lower',
  higher: 'higher',
  'no-difference': 'no difference shown',
  identical: 'identical',
  untested: 'not tested',
} as const;

export const findingText = (finding: keyof typeof FINDINGS): string => FINDINGS[finding];

/** The ranking, best first. @param most lines; left out: all */
export function landscapeRows({ maps, seeds }: Landscape, most = Infinity): string[][] {
  const several = seeds.length > 1;
  const line = (map: LandscapeMap): string[] => [
    String(map.rank),
    map.label,
    String(map.blocks),
    formatQuantity(map.uniqueParameters, quantities.parameters),
    closeNats(map.loss.mean),
    ...(several ? [natsInterval(map.loss), signedInterval(map.againstLowest?.interval ?? null)] : []),
    ...(several ? [pValue(map.againstLowest?.correctedP)] : []),
    front(map, seeds.length),
  ];
  return [
    [
      ...['Rank', 'Map', 'Blocks', 'Unique params', 'Test nats'],
      ...(several ? ['95 % interval', 'Minus the lowest', 'Corrected p'] : []),
      'Pareto front',
    ],
    ...maps.slice(0, most).map(line),
  ];
}

function front({ onFront, frontSeeds }: LandscapeMap, seeds: number): string {
  const mean = onFront ? 'yes' : MISSING;
  if (seeds < 2) return mean;
  return frontSeeds.length === 0 ? mean : `${mean} (${frontSeeds.length}/${seeds} seeds)`;
}

/** The maps by their number of blocks. */
export function blockRows({ blocksEffect: { groups } }: Landscape): string[][] {
  const line = (group: BlockGroup): string[] => [
    String(group.blocks),
    String(group.maps),
    formatQuantity(group.uniqueParameters, quantities.parameters),
    closeNats(group.mean),
    closeNats(group.lowest),
    closeNats(group.highest),
    group.lowestMap,
  ];
  return [
    ['Blocks', 'Maps', 'Unique params', 'Mean of means', 'Lowest', 'Highest', 'Lowest map'],
    ...groups.map(line),
  ];
}

/** How alike the seeds rank the maps. */
export function agreementRows({ stability }: Landscape): string[][] {
  const tau = (value: number | null): string => (value === null ? MISSING : value.toFixed(3));
  return [
    ['Seeds', 'Kendall tau-b', 'Within equal blocks'],
    ...stability.pairs.map(({ seeds, tau: all, tauWithinBlocks }) => [
      seeds.join(', '),
      tau(all),
      tau(tauWithinBlocks),
    ]),
    ...(stability.pairs.length > 1
      ? [['Mean', tau(stability.meanTau), tau(stability.meanTauWithinBlocks)]]
      : []),
  ];
}

/** What each controller gives away; `[]` without controllers. */
export function regretRows({ controllers }: Landscape): string[][] {
  if (controllers.length === 0) return [];
  const line = (one: ControllerRegret): string[] => [
    one.controller,
    closeNats(one.loss.mean),
    signedInterval(one.againstBest),
    signedInterval(one.againstAsSmall),
    signedInterval(one.ofMap),
    signedInterval(one.chance?.difference ?? null),
    pValue(one.chance?.correctedP),
    one.seeds.map(({ finalMap }) => formatTieMap(finalMap)).join(' '),
  ];
  return [
    [
      ...[
        'Controller',
        'Test nats',
        'Minus the best map',
        'Minus the best as small',
        'Its map minus the best',
      ],
      ...['Its map minus chance', 'Corrected p', 'Final maps'],
    ],
    ...controllers.map(line),
  ];
}

type Cell = string | number | null | undefined;
const cell = (value: Cell): string | number =>
  typeof value === 'number' && !Number.isFinite(value) ? '' : (value ?? '');
const csv = (rows: readonly (readonly Cell[])[]): string => stringify(rows.map((row) => row.map(cell)));

/** One line per map, raw, with the loss of each seed. */
export function landscapeCsv({ maps, seeds }: Landscape): string {
  return csv([
    [
      ...['rank', 'tie_map', 'blocks', 'unique_parameters', 'trainable_parameters'],
      ...['test_nats', 'test_nats_sd', 'test_nats_low', 'test_nats_high'],
      ...seeds.map((seed) => `test_nats_seed_${seed}`),
      ...['minus_lowest', 'minus_lowest_low', 'minus_lowest_high', 'p', 'p_holm', 'finding'],
      ...['on_front', 'front_seeds'],
    ],
    ...maps.map((map) => {
      const { loss, againstLowest: against } = map;
      return [
        ...[map.rank, map.label, map.blocks, map.uniqueParameters, map.trainableParameters],
        ...[loss.mean, loss.standardDeviation, loss.low, loss.high],
        ...map.losses,
        ...[against?.interval?.mean, against?.interval?.low, against?.interval?.high],
        ...[against?.test?.p, against?.correctedP, against?.finding ?? 'lowest'],
        ...[map.onFront ? 1 : 0, map.frontSeeds.length],
      ];
    }),
  ]);
}

/** One line per number of blocks; the shares of variance are those of all maps, the same on every line. */
export function blocksCsv({ blocksEffect: { groups, etaSquared, epsilonSquared } }: Landscape): string {
  return csv([
    [
      ...['blocks', 'maps', 'unique_parameters', 'mean', 'lowest', 'highest', 'lowest_map'],
      ...['eta_squared', 'epsilon_squared'],
    ],
    ...groups.map((group) => [
      ...[group.blocks, group.maps, group.uniqueParameters],
      ...[group.mean, group.lowest, group.highest, group.lowestMap],
      ...[etaSquared, epsilonSquared],
    ]),
  ]);
}

/** One line per pair of seeds, and their mean. */
export function agreementCsv({ stability }: Landscape): string {
  return csv([
    ['seed', 'other_seed', 'tau_b', 'tau_b_within_blocks'],
    ...stability.pairs.map(({ seeds, tau, tauWithinBlocks }) => [...seeds, tau, tauWithinBlocks]),
    ...(stability.pairs.length > 0
      ? [['mean', 'mean', stability.meanTau, stability.meanTauWithinBlocks]]
      : []),
  ]);
}

/** One line per controller and seed, and one for its means. */
export function regretCsv({ controllers }: Landscape): string {
  return csv([
    [
      ...['controller', 'seed', 'test_nats', 'final_map', 'blocks', 'minus_best', 'minus_best_as_small'],
      ...[
        'map_minus_best',
        'random_map_minus_best',
        'map_minus_chance',
        'low',
        'high',
        'p',
        'p_holm',
        'finding',
      ],
    ],
    ...controllers.flatMap((one) => [
      ...one.seeds.map((seed) => [
        ...[one.controller, seed.seed, seed.loss, formatTieMap(seed.finalMap), seed.blocks],
        ...[seed.againstBest, seed.againstAsSmall, seed.ofMap, seed.ofRandomMap],
        ...['', '', '', '', '', ''],
      ]),
      [
        ...[one.controller, 'mean', one.loss.mean, '', '', one.againstBest?.mean, one.againstAsSmall?.mean],
        ...[one.ofMap?.mean, '', one.chance?.difference.mean, one.chance?.difference.low],
        ...[one.chance?.difference.high, one.chance?.p, one.chance?.correctedP, one.chance?.finding],
      ],
    ]),
  ]);
}
