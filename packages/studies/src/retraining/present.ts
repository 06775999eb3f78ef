/** A retraining as tables, a picture and words. */
import type { DocumentBlock, MetricSpec, StudyDocument } from '@ligature/core';
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
} from '../presentation/rows.js';
import { powerColumns, powerNote } from '../presentation/sensitivity.js';
import { capital, code, describeBudget, mapText, seedsText, tokenizerText } from '../presentation/words.js';
import { findingText, metricAxis, metricHeading, metricKey, metricName } from '../statistics/wording.js';
import { retrainingDrawing } from './chart.js';
import type { Retraining, RetrainingDifference, RetrainingRow } from './types.js';

export function presentRetraining(retraining: Retraining): StudyDocument {
  const { run, rows, verdict, failed, unfinished, config, task } = retraining;
  const metric = task.metrics[0] as MetricSpec;
  return {
    name: 'retraining',
    kind: 'retraining',
    title: `The tie map ${mapText(run.tieMap)}, trained again`,
    lead: lead(retraining),
    verdict,
    body: [
      heading('What it shows'),
      { kind: 'verdict' },
      ...(rows.length > 0
        ? [
            {
              kind: 'chart' as const,
              id: 'retraining',
              title: `Test ${metricName(metric)} by what was trained`,
              alt: `${mapText(run.tieMap)}, found by ${run.controller}, trained again. Dots are seeds, bars 95 % intervals, the dashed line is the run itself.`,
              notes: ['The table has its numbers.'],
              file: 'retraining.svg',
              drawing: retrainingDrawing(retraining),
            },
          ]
        : []),
      heading('What was trained'),
      trained(retraining, metric),
      ...floorBlocks(retraining.floors, retraining.task),
      ...differences(retraining, metric),
    ],
    ...{ failed, unfinished, config },
    command: `ligature retrain ${run.folder}`,
  };
}

function lead(retraining: Retraining): string {
  const { run, config, seeds, dataset, backend, mapsWithAsManyBlocks } = retraining;
  return (
    `${code(run.controller)} ended its run (seed ${run.seed}, ${run.steps} of ${run.budget} steps) with ` +
    `${code(mapText(run.tieMap))}, one of ${mapsWithAsManyBlocks} maps with ${run.blocks} blocks. ` +
    `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataset)}, ` +
    `${tokenizerText({ ...retraining, vocabularySize: 0 })}backend ${code(backend)}, ${seedsText(seeds)}.`
  );
}

/** What was trained, and where it ended; the run itself first. */
function trained({ rows, run, seeds, task, floors }: Retraining, metric: MetricSpec) {
  const { unit, digits = 4 } = close(metric);
  const key = `test_${metricKey(metric)}`;
  const own = rows.find(({ arm }) => arm === 'found')?.uniqueParameters;
  type Line = RetrainingRow | null;
  const of =
    <T>(itself: T, read: (row: RetrainingRow) => T) =>
    (line: Line): T =>
      line === null ? itself : read(line);
  return tableOf<Line>(
    [null, ...rows],
    [
      shown(
        'Trained',
        'text',
        of(`the run (${run.controller})`, ({ label }) => label),
      ),
      raw(
        'trained',
        of('run', ({ label }) => label),
      ),
      raw(
        'controller',
        of(run.controller, () => 'map'),
      ),
      both(
        'tie_map',
        'Tie map',
        'text',
        of(mapText(run.tieMap), ({ tieMap }) => mapText(tieMap)),
      ),
      both(
        'blocks',
        'Blocks',
        'count',
        of(run.blocks, ({ blocks }) => blocks),
      ),
      both(
        'unique_parameters',
        'Unique params',
        'parameters',
        of(own, (row) => row.uniqueParameters),
      ),
      both(
        'steps',
        'Steps',
        'count',
        of(run.steps, ({ steps }) => steps),
      ),
      shown(
        'Seeds',
        'text',
        of('1', (row) =>
          row.seeds.length === seeds.length ? String(seeds.length) : `${row.seeds.length} of ${seeds.length}`,
        ),
      ),
      raw(
        'seeds',
        of<string | number>(run.seed, (row) => row.seeds.join(' ')),
      ),
      withFloor(
        {
          ...both<Line>(
            key,
            `Test ${metricHeading(metric)}`,
            unit,
            of(run.loss, ({ value }) => value.mean),
          ),
          digits,
        },
        'test',
        metric,
      ),
      shown('95 % interval', unit, (line) => (line === null ? null : intervalCell(line.value)), digits),
      raw(
        `${key}_sd`,
        of<number | null>(null, ({ value }) => value.standardDeviation),
      ),
      raw(
        `${key}_low`,
        of<number | null>(null, ({ value }) => value.low),
      ),
      raw(
        `${key}_high`,
        of<number | null>(null, ({ value }) => value.high),
      ),
      ...seeds.map((seed) =>
        raw<Line>(
          `${key}_seed_${seed}`,
          of<number | undefined>(undefined, (row) => row.values[row.seeds.indexOf(seed)]),
        ),
      ),
    ],
    {
      caption: `Test ${metricName(metric)} in ${metricAxis(metric, task.lossUnit)}`,
      file: 'retraining.csv',
      floors,
      note:
        `*found*: the run's final map, fixed, from scratch. *random …*: fixed maps with as many blocks, drawn uniformly. *continued*: ` +
        `the run's model with its optimizer moments goes on for one more budget with its map frozen, on the ${task.unit} of each seed, with ` +
        `a learning-rate schedule of its own. *found-long*: the found map from scratch for as many steps as *continued* has had in ` +
        `all, under one schedule. Test ${metricName(metric)} in ${metricAxis(metric, task.lossUnit)}, ${metric.better} is better.`,
    },
  );
}

/** The differences that answer the questions; in their file also where the run ended among them. */
function differences(
  { map, againstEach, history, reached }: Retraining,
  metric: MetricSpec,
): DocumentBlock[] {
  const { unit, digits = 4 } = close(metric);
  const asked = [...(map ? [map] : []), ...againstEach, ...(history ? [history] : [])];
  const people = tableOf<RetrainingDifference>(
    asked,
    [
      shown('Difference', 'text', ({ first, second }) => `${first} minus ${second}`),
      shown('Seeds', 'text', ({ seeds, planned }) =>
        seeds.length === planned ? String(planned) : `${seeds.length} of ${planned}`,
      ),
      shown(
        `${capital(metricHeading(metric))} [95 % interval]`,
        unit,
        ({ difference }) => differenceCell(difference),
        digits,
      ),
      shown("Hedges' g", 'effect', ({ hedgesG }) => hedgesG),
      shown('Corrected p', 'probability', ({ correctedP }) => correctedP),
      ...powerColumns<RetrainingDifference>(unit, (one) => one, asked, digits).filter(
        ({ heading: title }) => title !== undefined,
      ),
      shown('Finding', 'text', ({ finding }) => findingText(finding)),
    ],
    {
      caption: 'Seed by seed',
      note:
        `Differences are taken seed by seed; intervals and p-values are those of Student's t, two-sided, p corrected after Holm within ` +
        `each question. The test against the random maps says whether other seeds would agree on these maps, not on others. All continuations ` +
        `go on from one checkpoint, so that they are one number and no test. ${powerNote}`,
    },
  );
  type Line = RetrainingDifference | NonNullable<Retraining['reached']>;
  const either =
    <T>(ofRun: (one: NonNullable<Retraining['reached']>) => T, of: (one: RetrainingDifference) => T) =>
    (line: Line): T =>
      'first' in line ? of(line) : ofRun(line);
  const none = (): null => null;
  const programs = tableOf<Line>(
    [...asked, ...(reached ? [reached] : [])],
    [
      raw(
        'first',
        either(
          () => 'run',
          ({ first }) => first,
        ),
      ),
      raw(
        'second',
        either(
          () => 'prediction interval of found',
          ({ second }) => second,
        ),
      ),
      raw(
        'seeds',
        either(
          () => '',
          ({ seeds }) => seeds.join(' '),
        ),
      ),
      raw(
        'difference',
        either(
          (one) => one.minusFoundAtItsSeed,
          ({ difference }) => difference.mean,
        ),
      ),
      raw(
        'low',
        either(
          ({ low }) => low,
          ({ difference }) => difference.low,
        ),
      ),
      raw(
        'high',
        either(
          ({ high }) => high,
          ({ difference }) => difference.high,
        ),
      ),
      raw(
        'p',
        either<number | null>(none, ({ p }) => p),
      ),
      raw(
        'p_holm',
        either<number | null>(none, ({ correctedP }) => correctedP),
      ),
      raw(
        'hedges_g',
        either<number | null>(none, ({ hedgesG }) => hedgesG),
      ),
      raw(
        'detectable',
        either<number | null>(none, ({ sensitivity }) => sensitivity?.detectable ?? null),
      ),
      raw(
        'finding',
        either<string>(
          () => '',
          ({ finding }) => finding,
        ),
      ),
    ],
    { caption: 'Differences', file: 'differences.csv', in: [] },
  );
  return asked.length > 0 ? [heading('Differences'), people, programs] : [programs];
}
