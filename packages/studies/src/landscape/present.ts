/** A landscape as tables, pictures and words. */
import type { DocumentBlock, DocumentCell, MetricSpec, StudyDocument, TieMap } from '@ligature/core';
import { floorBlocks } from '../presentation/floors.js';
import {
  both,
  close,
  differenceCell,
  heading,
  intervalCell,
  raw,
  shown,
  tableOf,
  withFloor,
  type ColumnOf,
} from '../presentation/rows.js';
import { equivalenceColumns, marginNote, powerColumns, powerNote } from '../presentation/sensitivity.js';
import { capital, code, describeBudget, lossNote, mapText, tokenizerText } from '../presentation/words.js';
import { best, metricHeading, metricKey, metricName } from '../statistics/wording.js';
import { frontTitle, paretoDrawing, rankingDrawing } from './charts.js';
import type { BlockGroup, ControllerRegret, Landscape, LandscapeMap, RegretOfSeed } from './types.js';

export function presentLandscape(landscape: Landscape): StudyDocument {
  const { maps, controllers, stability, layers, dataset, verdict, failed, unfinished, config } = landscape;
  const drawn = maps.length > 0;
  return {
    name: 'landscape',
    kind: 'landscape',
    title: `The tie maps of ${layers} layers on ${dataset}`,
    lead: lead(landscape),
    verdict,
    body: [
      heading('What it shows'),
      { kind: 'verdict' },
      ...(drawn ? pictures(landscape) : []),
      ...(drawn
        ? [
            heading('By the number of blocks'),
            blocks(landscape),
            ...floorBlocks(landscape.floors, landscape.task),
          ]
        : []),
      ...(stability.pairs.length > 0
        ? [heading('Would another seed rank them alike?'), agreement(landscape)]
        : []),
      ...(controllers.length > 0 ? [heading('Regret of controllers'), ...regret(landscape)] : []),
      ...(drawn ? [heading('All maps'), ranking(landscape)] : []),
    ],
    ...{ failed, unfinished, config },
    command: command(landscape),
  };
}

const primaryOf = ({ task }: Landscape): MetricSpec => task.metrics[0] as MetricSpec;

function lead(landscape: Landscape): string {
  const { config, space, seeds, askedSeeds, dataset, backend, task } = landscape;
  const which = space.sampled
    ? `${space.maps} maps drawn uniformly from the ${space.all} canonical ones`
    : space.blocks === null
      ? `All ${space.all} canonical tie maps`
      : `The ${space.maps} of ${space.all} canonical tie maps with ${space.blocks.join(', ')} blocks`;
  return (
    `${which}, each fixed from the first step on. ${code(config.model.name)} with ${describeBudget(config)} on ` +
    `${code(dataset)}, ${tokenizerText(landscape)}backend ${code(backend)}, ` +
    `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ') || 'none yet'}${seeds.length < askedSeeds.length ? ` of ${askedSeeds.length} planned` : ''}. For a seed every map got the same ${task.unit} in the ` +
    `same order and the same initial weights.`
  );
}

function pictures(landscape: Landscape): DocumentBlock[] {
  const metric = primaryOf(landscape);
  return [
    {
      kind: 'chart',
      id: 'pareto',
      title: frontTitle(metric),
      alt: `${frontTitle(metric)}: each dot is a tie map, mean over ${landscape.seeds.length} seeds. The line is the front by validation ${metricName(metric)}.`,
      notes: [`On the front: ${landscape.front.join(', ')}.`],
      file: 'pareto.svg',
      drawing: paretoDrawing(landscape),
    },
    {
      kind: 'chart',
      id: 'ranking',
      title: 'Ranking of the tie maps',
      alt: `Ranking of ${landscape.maps.length} fixed tie maps by mean validation ${metricName(metric)}, drawn at their test ${metricName(metric)}. Bars are 95 % intervals over ${landscape.seeds.length} seeds.`,
      notes: [`${capital(best(metric))} mean: ${landscape.best?.label ?? 'none'}.`],
      file: 'ranking.svg',
      drawing: rankingDrawing(landscape),
    },
  ];
}

/** The maps by their number of blocks; the shares of variance are those of all maps, the same on every line. */
function blocks(landscape: Landscape) {
  const {
    blocksEffect: { groups, etaSquared, epsilonSquared },
    task,
    floors,
  } = landscape;
  const metric = primaryOf(landscape);
  const share = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
  const value = (key: string, title: string, of: (group: BlockGroup) => number): ColumnOf<BlockGroup> => ({
    ...{ key, heading: title, of },
    ...close(metric),
  });
  return tableOf(
    groups,
    [
      both<BlockGroup>('blocks', 'Blocks', 'count', (group) => group.blocks),
      both('maps', 'Maps', 'count', ({ maps }) => maps),
      both('unique_parameters', 'Unique params', 'parameters', (group) => group.uniqueParameters),
      withFloor(
        value('mean', 'Mean of means', ({ mean }) => mean),
        'test',
        metric,
      ),
      value('lowest', 'Lowest', ({ lowest }) => lowest),
      value('highest', 'Highest', ({ highest }) => highest),
      both('best_map', 'Best map', 'text', ({ bestMap }) => bestMap),
      raw('eta_squared', () => etaSquared),
      raw('epsilon_squared', () => epsilonSquared),
    ],
    {
      caption: 'Maps by their number of blocks',
      file: 'blocks.csv',
      floors,
      note:
        `Test ${metricName(metric)}; the best map is that on validation. ${lossNote(task.lossUnit)} Each map counts with its mean over the seeds. Share of the variance between ` +
        `maps that the number of blocks explains: eta squared ${share(etaSquared)}, epsilon squared (without what chance gives that ` +
        `many groups) ${share(epsilonSquared)}.`,
    },
  );
}

const OF_TAU =
  `Kendall's tau-b: 1 where both seeds rank alike, 0 where one says nothing about the other. *Within equal blocks* counts those ` +
  `pairs of maps alone that have equally many blocks, since their number alone orders most others.`;

/** How alike the seeds rank the maps: one line per pair, and their mean. */
function agreement({ stability: { pairs, meanTau, meanTauWithinBlocks } }: Landscape) {
  const mean = { seeds: ['mean', 'mean'], tau: meanTau, tauWithinBlocks: meanTauWithinBlocks };
  return tableOf<{
    readonly seeds: readonly (number | string)[];
    readonly tau: number | null;
    readonly tauWithinBlocks: number | null;
  }>(
    [...pairs, mean],
    [
      shown('Seeds', 'text', ({ seeds }) => (seeds[0] === 'mean' ? 'Mean' : seeds.join(', '))),
      raw('seed', ({ seeds }) => seeds[0]),
      raw('other_seed', ({ seeds }) => seeds[1]),
      both('tau_b', 'Kendall tau-b', '', ({ tau }) => tau),
      both('tau_b_within_blocks', 'Within equal blocks', '', (one) => one.tauWithinBlocks),
    ],
    { caption: 'Agreement of seeds', file: 'stability.csv', note: OF_TAU },
  );
}

const ofRegret = (metric: MetricSpec): string =>
  `Of test ${metricName(metric)}, with 95 % intervals over the seeds; a fixed map is best by its mean validation ${metricName(metric)} over the seeds. *Minus the best map*: ` +
  `the controller's own model minus the best fixed map of all; *as small*: of those with at most as many blocks as its final map. ` +
  `*Its map minus the best*: the final map, trained fixed, minus the best with as many blocks. *Its map minus chance*: minus the ` +
  `mean of all maps with as many blocks, tested over the seeds, p corrected after Holm over the controllers; seeds on which there ` +
  `is only one such map are left out. The best map was chosen on validation, so its luck there does not flatter it here. ${powerNote}`;

/** What each controller gives away; in its file one line per controller and seed, and one for its means. */
function regret(landscape: Landscape): DocumentBlock[] {
  const { controllers, floors } = landscape;
  const metric = primaryOf(landscape);
  const { unit, digits = 4 } = close(metric);
  const people = tableOf<ControllerRegret>(
    controllers,
    [
      shown('Controller', 'text', ({ controller }) => controller),
      withFloor(
        shown(`Test ${metricHeading(metric)}`, unit, ({ value }) => value.mean, digits),
        'test',
        metric,
      ),
      shown('Minus the best map', unit, (one) => differenceCell(one.againstBest), digits),
      shown('Minus the best as small', unit, (one) => differenceCell(one.againstAsSmall), digits),
      shown('Its map minus the best', unit, (one) => differenceCell(one.ofMap), digits),
      shown('Its map minus chance', unit, (one) => differenceCell(one.chance?.difference ?? null), digits),
      shown('Corrected p', 'probability', (one) => one.chance?.correctedP),
      ...powerColumns<ControllerRegret>(unit, (one) => one.chance ?? undefined, controllers, digits).filter(
        ({ heading: title }) => title !== undefined,
      ),
      shown('Final maps', 'text', ({ seeds }) => seeds.map(({ finalMap }) => mapText(finalMap)).join(' ')),
    ],
    { caption: `Regret in test ${metricName(metric)}`, note: ofRegret(metric), floors },
  );
  const lines = controllers.flatMap((one): { one: ControllerRegret; seed: RegretOfSeed | null }[] => [
    ...one.seeds.map((seed) => ({ one, seed })),
    { one, seed: null },
  ]);
  type Line = (typeof lines)[number];
  const either =
    (
      ofSeed: (seed: RegretOfSeed) => DocumentCell | undefined,
      ofAll: (one: ControllerRegret) => DocumentCell | undefined,
    ) =>
    ({ one, seed }: Line): DocumentCell | undefined =>
      seed === null ? ofAll(one) : ofSeed(seed);
  const nothing = (): string => '';
  const map = (found: TieMap): string => mapText(found);
  const programs = tableOf<Line>(
    lines,
    [
      raw('controller', ({ one }) => one.controller),
      raw(
        'seed',
        either(
          ({ seed }) => seed,
          () => 'mean',
        ),
      ),
      raw(
        `test_${metricKey(metric)}`,
        either(
          ({ value }) => value,
          ({ value }) => value.mean,
        ),
      ),
      raw(
        'final_map',
        either(({ finalMap }) => map(finalMap), nothing),
      ),
      raw(
        'blocks',
        either((seed) => seed.blocks, nothing),
      ),
      raw(
        'minus_best',
        either(
          (seed) => seed.againstBest,
          (one) => one.againstBest?.mean,
        ),
      ),
      raw(
        'minus_best_as_small',
        either(
          (seed) => seed.againstAsSmall,
          (one) => one.againstAsSmall?.mean,
        ),
      ),
      raw(
        'map_minus_best',
        either(
          (seed) => seed.ofMap,
          (one) => one.ofMap?.mean,
        ),
      ),
      raw(
        'random_map_minus_best',
        either((seed) => seed.ofRandomMap, nothing),
      ),
      raw(
        'map_minus_chance',
        either(nothing, ({ chance }) => chance?.difference.mean),
      ),
      raw(
        'low',
        either(nothing, ({ chance }) => chance?.difference.low),
      ),
      raw(
        'high',
        either(nothing, ({ chance }) => chance?.difference.high),
      ),
      raw(
        'p',
        either(nothing, ({ chance }) => chance?.p),
      ),
      raw(
        'p_holm',
        either(nothing, ({ chance }) => chance?.correctedP),
      ),
      raw(
        'detectable',
        either(nothing, ({ chance }) => chance?.sensitivity?.detectable),
      ),
      raw(
        'finding',
        either(nothing, ({ chance }) => chance?.finding),
      ),
    ],
    { caption: 'Regret by seed', file: 'regret.csv', in: [] },
  );
  return [people, programs];
}

const ofRanking = (metric: MetricSpec): string =>
  `Ranked by validation ${metricName(metric)}, which also says who is on the Pareto front: what no map beats in it or in parameters without ` +
  `losing in the other; in brackets on how many seeds alone that holds. *Minus the first* is taken on the test split, seed by seed; p is that ` +
  `of a paired t test, corrected after Holm over all maps. ${powerNote}`;

/** One line per map, best first; raw with the value of each seed. */
function ranking(landscape: Landscape) {
  const { maps, seeds, config, floors } = landscape;
  const metric = primaryOf(landscape);
  const { unit, digits = 4 } = close(metric);
  const several = seeds.length > 1;
  const key = `test_${metricKey(metric)}`;
  const minus = 'minus_first';
  const against = (map: LandscapeMap) => map.againstBest;
  const validationKey = `validation_${metricKey(metric)}`;
  return tableOf<LandscapeMap>(
    maps,
    [
      both('rank', 'Rank', 'count', ({ rank }) => rank),
      both('tie_map', 'Map', 'text', ({ label }) => label),
      both('blocks', 'Blocks', 'count', (map) => map.blocks),
      both('unique_parameters', 'Unique params', 'parameters', (map) => map.uniqueParameters),
      raw('trainable_parameters', (map) => map.trainableParameters),
      {
        ...both<LandscapeMap>(
          validationKey,
          `Val. ${metricHeading(metric)}`,
          unit,
          (map) => map.validationMean,
        ),
        digits,
      },
      ...seeds.map((seed, on) =>
        raw<LandscapeMap>(`${validationKey}_seed_${seed}`, ({ validation }) => validation[on]),
      ),
      withFloor(
        {
          ...both<LandscapeMap>(key, `Test ${metricHeading(metric)}`, unit, ({ value }) => value.mean),
          digits,
        },
        'test',
        metric,
      ),
      raw(`${key}_sd`, ({ value }) => value.standardDeviation),
      raw(`${key}_low`, ({ value }) => value.low),
      raw(`${key}_high`, ({ value }) => value.high),
      ...seeds.map((seed, on) => raw<LandscapeMap>(`${key}_seed_${seed}`, ({ values }) => values[on])),
      ...(several
        ? [
            shown<LandscapeMap>('95 % interval', unit, ({ value }) => intervalCell(value), digits),
            shown<LandscapeMap>(
              'Minus the first',
              unit,
              (map) => differenceCell(against(map)?.interval ?? null),
              digits,
            ),
            shown<LandscapeMap>('Corrected p', 'probability', (map) => against(map)?.correctedP),
          ]
        : []),
      ...powerColumns<LandscapeMap>(unit, (map) => against(map) ?? undefined, maps, digits),
      ...(config.compare.margin === null
        ? []
        : equivalenceColumns<LandscapeMap>((map) => against(map) ?? undefined)),
      raw(minus, (map) => against(map)?.interval?.mean),
      raw(`${minus}_low`, (map) => against(map)?.interval?.low),
      raw(`${minus}_high`, (map) => against(map)?.interval?.high),
      raw('p', (map) => against(map)?.test?.p),
      raw('p_holm', (map) => against(map)?.correctedP),
      raw('finding', (map) => against(map)?.finding ?? 'first'),
      shown('Pareto front', 'text', (map) => front(map, seeds.length)),
      raw('on_front', ({ onFront }) => (onFront ? 1 : 0)),
      raw('front_seeds', ({ frontSeeds }) => frontSeeds.length),
    ],
    {
      caption: `${capital(best(metric))} mean validation ${metricName(metric)} first`,
      file: 'landscape.csv',
      floors,
      lines: 20,
      note:
        ofRanking(metric) +
        (config.compare.margin === null ? '' : ` ${marginNote(config.compare.margin, metric)}`),
    },
  );
}

function front({ onFront, frontSeeds }: LandscapeMap, seeds: number): string {
  const mean = onFront ? 'yes' : '–';
  if (seeds < 2) return mean;
  return frontSeeds.length === 0 ? mean : `${mean} (${frontSeeds.length}/${seeds} seeds)`;
}

function command({ space, controllers }: Landscape): string {
  const some = space.blocks === null ? '' : ` --blocks ${space.blocks.join(',')}`;
  const sample = space.sampled ? ` --max-maps ${space.maps}` : '';
  const names = controllers.map(({ controller }) => controller).join(',');
  return `ligature landscape --config config.json${some}${sample}${names === '' ? '' : ` --controllers ${names}`}`;
}
