/** A retraining of several runs as tables, a picture and words. */
import type { DocumentBlock, DocumentCell, MetricSpec, StudyDocument } from '@ligature/core';
import { floorBlocks } from '../../presentation/floors.js';
import { intervalChart } from '../../presentation/interval-chart.js';
import { both, close, differenceCell, heading, raw, shown, tableOf } from '../../presentation/rows.js';
import { equivalenceColumns, missingNote, powerColumns, powerNote } from '../../presentation/sensitivity.js';
import { code, describeBudget, mapText, plural, tokenizerText } from '../../presentation/words.js';
import { findingText, metricAxis, metricHeading, metricKey, metricName } from '../../statistics/wording.js';
import type { RetrainingArm, RetrainingRow } from '../types.js';
import type { RetrainedSource, RetrainedSources, SourceDifference, SourcesDifference } from './types.js';

export function presentRetrainedSources(retrained: RetrainedSources): StudyDocument {
  const { sources, controller, verdict, failed, unfinished, config, task } = retrained;
  const metric = task.metrics[0] as MetricSpec;
  const { map, history } = retrained;
  const asked = [map, history].filter((one) => one !== null);
  return {
    name: 'retraining',
    kind: 'retraining',
    title: `${sources.length} tie maps of ${controller}, trained again`,
    lead: lead(retrained),
    verdict,
    body: [
      heading('What it shows'),
      { kind: 'verdict' },
      ...(asked.length > 0 ? [overAll(asked, metric)] : []),
      ...(map ? [chartOf(retrained, map, metric)] : []),
      heading('Source by source'),
      bySource(retrained, metric),
      trained(retrained, metric),
      ...floorBlocks(retrained.floors, task),
    ],
    ...{ failed, unfinished, config },
    command: `ligature retrain ${sources.map(({ run }) => run.folder).join(' ')}`,
  };
}

function lead(retrained: RetrainedSources): string {
  const { sources, controller, seedsPerSource, config, dataset, backend } = retrained;
  return (
    `The final maps of ${sources.length} runs of ${code(controller)} (seeds ${sources.map(({ run }) => run.seed).join(', ')}), ` +
    `each trained again on ${plural(seedsPerSource, 'seed')} of its own. ${code(config.model.name)} with ${describeBudget(config)} on ` +
    `${code(dataset)}, ${tokenizerText({ ...retrained, vocabularySize: 0 })}backend ${code(backend)}.`
  );
}

/** The differences over all sources, which answer the questions. */
function overAll(asked: readonly SourcesDifference[], metric: MetricSpec): DocumentBlock {
  const { unit, digits = 4 } = close(metric);
  return tableOf<SourcesDifference>(
    asked,
    [
      shown('Difference', 'text', ({ first, second }) => `${first} minus ${second}`),
      raw('first', ({ first }) => first),
      raw('second', ({ second }) => second),
      shown('Sources', 'text', ({ sources, planned }) =>
        sources.length === planned ? String(planned) : `${sources.length} of ${planned}`,
      ),
      raw('sources', ({ sources }) => sources.join(' ')),
      raw('planned_sources', ({ planned }) => planned),
      shown(
        `${metricHeading(metric)} [95 % interval]`,
        unit,
        ({ difference }) => differenceCell(difference),
        digits,
      ),
      raw('difference', ({ difference }) => difference.mean),
      raw('difference_sd', ({ difference }) => difference.standardDeviation),
      raw('low', ({ difference }) => difference.low),
      raw('high', ({ difference }) => difference.high),
      both('hedges_g', "Hedges' g", 'effect', ({ hedgesG }) => hedgesG),
      both('p', 'p', 'probability', ({ correctedP }) => correctedP),
      ...powerColumns<SourcesDifference>(unit, (one) => one, asked, digits),
      ...equivalenceColumns<SourcesDifference>((one) => one).map((column) =>
        column.key === 'seeds_for_margin'
          ? { ...column, key: 'sources_for_margin', heading: 'Sources for margin' }
          : column,
      ),
      shown('Finding', 'text', ({ finding }) => findingText(finding)),
      raw('finding', ({ finding }) => finding),
    ],
    {
      caption: `Over all sources, test ${metricName(metric)}`,
      file: 'differences.csv',
      note:
        `A source is one number: the mean of its differences over its seeds, which share its map and history and are not ` +
        `independent. Intervals and p-values are those of Student's t over the sources, two-sided; the two questions are tested each for ` +
        `itself. ${powerNote.replace('so many seeds', 'so many sources')} ${missingNote}`,
    },
  );
}

function chartOf({ sources, task }: RetrainedSources, map: SourcesDifference, metric: MetricSpec) {
  const rows = sources.flatMap(({ run, map: one }) =>
    one === null
      ? []
      : [{ label: `source ${run.seed}`, ...ends(one), values: one.differences, finding: 'one source' }],
  );
  const { mean, low, high } = map.difference;
  const all = { label: 'all sources', mean, low, high, values: map.differences };
  return intervalChart([...rows, { ...all, finding: findingText(map.finding) }], {
    id: 'sources',
    title: 'Found maps minus random maps with as many blocks, source by source',
    alt: 'The difference of each source with its seeds as strokes, and that of all sources with the sources as strokes; bars are 95 % intervals.',
    note: 'Strokes are seeds of a source, and in the last line sources. The table has the numbers.',
    axis: `difference in test ${metricName(metric)}, ${metricAxis(metric, task.lossUnit)}`,
    zero: true,
  });
}

const ends = ({ difference: { mean, low, high } }: SourceDifference) => ({ mean, low, high });

/** A line for each source: where its arms ended, and its two differences. */
function bySource({ sources, seedsPerSource }: RetrainedSources, metric: MetricSpec): DocumentBlock {
  const { unit, digits = 4 } = close(metric);
  const meanOf =
    (arm: RetrainingArm) =>
    ({ rows }: RetrainedSource): DocumentCell => {
      const own = rows.filter((row) => row.arm === arm);
      return own.length === 0 ? null : own.reduce((sum, { value }) => sum + value.mean, 0) / own.length;
    };
  const column = (key: string, title: string, of: (source: RetrainedSource) => DocumentCell) => ({
    ...both<RetrainedSource>(key, title, unit, of),
    digits,
  });
  const difference = (key: 'map' | 'history', title: string) => [
    shown<RetrainedSource>(title, unit, (source) => differenceCell(source[key]?.difference ?? null), digits),
    raw<RetrainedSource>(key, (source) => source[key]?.difference.mean),
    raw<RetrainedSource>(`${key}_sd`, (source) => source[key]?.difference.standardDeviation),
    raw<RetrainedSource>(`${key}_seeds`, (source) => source[key]?.seeds.join(' ')),
  ];
  return tableOf<RetrainedSource>(
    sources,
    [
      both('source', 'Source', 'text', ({ run }) => `seed ${run.seed}`),
      both('tie_map', 'Tie map', 'text', ({ run }) => mapText(run.tieMap)),
      both('blocks', 'Blocks', 'count', ({ run }) => run.blocks),
      shown('Seeds', 'text', ({ map, history }) => {
        const whole = map?.seeds.length ?? history?.seeds.length ?? 0;
        return whole === seedsPerSource ? String(whole) : `${whole} of ${seedsPerSource}`;
      }),
      column('run', 'The run', ({ run }) => run.loss),
      column('found', 'Found', meanOf('found')),
      column('random', 'Random', meanOf('random')),
      ...difference('map', 'Found − random'),
      column('continued', 'Continued', meanOf('continued')),
      column('found_long', 'Found-long', meanOf('found-long')),
      ...difference('history', 'Continued − found-long'),
    ],
    {
      caption: `Test ${metricName(metric)} of every source, means over its seeds`,
      file: 'sources.csv',
      note:
        `*The run*: where the run itself ended, at its own seed. *Found*: its final map, fixed, from scratch. *Random*: fixed maps with as ` +
        `many blocks, drawn uniformly. *Continued*: its model goes on for one more budget, map frozen. *Found-long*: the found map from ` +
        `scratch for as many steps. Intervals are over the seeds of one source, and about this source alone.`,
    },
  );
}

/** Every arm with its seeds, for programs. */
function trained({ sources }: RetrainedSources, metric: MetricSpec): DocumentBlock {
  type Line = RetrainingRow & { readonly source: number };
  const key = `test_${metricKey(metric)}`;
  return tableOf<Line>(
    sources.flatMap(({ run, rows }) => rows.map((row): Line => ({ ...row, source: run.seed }))),
    [
      raw('source', ({ source }) => source),
      raw('arm', ({ arm }) => arm),
      raw('tie_map', ({ tieMap }) => mapText(tieMap)),
      raw('blocks', ({ blocks }) => blocks),
      raw('unique_parameters', (row) => row.uniqueParameters),
      raw('steps', ({ steps }) => steps),
      raw('seeds', ({ seeds }) => seeds.join(' ')),
      raw(key, ({ value }) => value.mean),
      raw(`${key}_sd`, ({ value }) => value.standardDeviation),
      raw(`${key}_seeds`, ({ values }) => values.join(' ')),
    ],
    { caption: 'What was trained', file: 'retraining.csv', in: [] },
  );
}
