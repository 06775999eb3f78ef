/** `ligature evaluate RUN...`: measures saved models again, as they were trained and with rounded weights. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, measuredStep, partInWords, visibleIn, visibleLine } from '@ligature/core';
import { writeWhole } from '@ligature/core/node';
import { csvLines } from '@ligature/recorders';
import { formatQuantity, formatTieMap, metricTable, quantities, quantityOf } from '@ligature/report';
import { evaluateRun, finishedRun, ROUNDINGS, type RunEvaluation } from '@ligature/run';
import { capital, floorsNote, isStudy, metricHeading, metricKey } from '@ligature/studies';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import { cacheFolder, type Io } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { findRun, shown } from '../folders/folder.js';
import { columnsOf, paintFor, wrap, type Paint } from '../terminal/paint.js';
import { foldedGrid, pairs } from '../terminal/tables.js';
import type { Context } from './context.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object({
  split: z.enum(['train', 'validation', 'test']).default('test'),
  batches: z.int().min(1).optional(),
  round: z
    .string()
    .default('none')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(ROUNDINGS))),
  csv: z.string().min(1).optional(),
  ...BACKEND_FLAGS,
});

/** A run by the name that it is shown under. */
interface Named {
  readonly name: string;
  readonly folder: string;
}

interface Evaluated extends Named {
  readonly result: RunEvaluation;
}

export async function evaluate(
  given: readonly string[],
  flags: Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { io, json, quiet } = context;
  const checked = checkFlags(schema, flags, ['batches', 'threads']);
  const { split, batches, round, csv } = checked;
  const runs = given.flatMap((one) => runsOf(one, io));
  const view = createProgressView(io, { quiet, plain: json });
  const line = view.begin('');
  const evaluated: Evaluated[] = [];
  try {
    for (const run of runs) {
      line.event({ type: 'stage.entered', message: `Evaluating ${run.name} on its ${split} split …` });
      const result = await evaluateRun(
        run.folder,
        { split, round, ...(batches !== undefined && { batches }), ...backendOverride(checked) },
        {
          // One each: what a run's plug-ins register is no other run's.
          host: createHost(),
          cwd: io.cwd,
          cacheFolder: cacheFolder(io),
          now: io.now,
          listen: (bus) => bus.events$.subscribe((event) => line.event(event)),
          plugins: pluginNames(flags),
        },
      );
      evaluated.push({ ...run, result });
    }
  } finally {
    view.end();
  }
  if (csv !== undefined) await writeWhole(resolve(io.cwd, csv), csvOf(evaluated));
  const [only] = evaluated;
  const paint = paintFor(io.stdout, io.env);
  if (json) {
    const found = given.length === 1 && runs.length === 1 ? only?.result : evaluated.map(asJson);
    io.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  } else if (evaluated.length === 1 && only) {
    io.stdout.write(`${oneText(only.result, io, paint)}\n`);
  } else {
    io.stdout.write(`${manyText(evaluated, io, paint)}\n`);
  }
  if (csv !== undefined && !json) io.stdout.write(`\nWritten: ${shown(csv, io)}\n`);
  return STATUS.ok;
}

const asJson = ({ name, result }: Evaluated) => ({ run: name, ...result });

/**
 * The run, or the finished trials of a study, by their names.
 *
 * @throws InputError (`run-unreadable`) where there is no such folder, (`study-without-runs`) for a study without one
 */
function runsOf(given: string, io: Io): Named[] {
  const folder = findRun(given, io);
  if (!isStudy(folder)) return [{ name: visibleLine(given), folder }];
  const trials = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name: visibleLine(join(given, name)), folder: join(folder, name) }))
    .filter(({ folder: trial }) => finishedRun(trial) && existsSync(join(trial, 'checkpoints')))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (trials.length > 0) return trials;
  throw new InputError('study-without-runs', {
    asked: `Evaluate the trials of the study "${given}"`,
    found: 'none of them is finished and has its model still',
    todo: 'Let it finish; a landscape keeps models with --keep-models only',
  });
}

const bytesText = (bytes: number): string => formatQuantity(bytes, quantities.bytes);

/** Metrics as they were trained, rounded, and of the floors, side by side. */
function oneText(result: RunEvaluation, io: Io, paint: Paint): string {
  const { ledger, specs, tokens, unit, lossUnit, floors, stored, split, subset, tieMap, best } = result;
  const columns = columnsOf(io.stdout);
  const measured = metricTable(
    { metrics: specs, lossUnit },
    stored.map(({ rounding, metrics }, at) => ({
      heading: rounding === 'none' ? capital(split) : `${capital(split)} ${rounding}`,
      metrics,
      floors: at === stored.length - 1 ? floors : [],
    })),
  );
  const facts = [
    { name: capital(visibleLine(unit)), value: tokens.toLocaleString('en-US') },
    ...(subset ? [{ name: 'Batches', value: `${partInWords(subset)}, evenly over the split` }] : []),
    ...(best ? [{ name: 'Weights', value: `of ${measuredStep({ best, steps: best.steps })}` }] : []),
    { name: 'Unique parameters', value: formatQuantity(ledger.uniqueParameters, quantities.parameters) },
    { name: 'Tie map', value: formatTieMap(tieMap) },
    ...stored.map(({ rounding, bytes, kept }) => ({
      name: rounding === 'none' ? 'Stored as float32' : `Stored as ${rounding}`,
      value: `${bytesText(bytes)}${rounding === 'none' ? '' : ` (matrices; ${kept.toLocaleString('en-US')} other numbers stay float32)`}`,
    })),
  ];
  return [
    foldedGrid(visibleIn(measured), columns, paint),
    ...(floors.length > 0 ? [wrap(visibleLine(floorsText(result)), Math.min(columns, 100))] : []),
    pairs(facts, columns, paint),
  ].join('\n\n');
}

const floorsText = ({ floors }: RunEvaluation): string =>
  floorsNote(floors.map((floor) => ({ ...floor, validation: {}, test: {} }))).replaceAll('*', '');

/** A line for each run and way of storing it. */
function manyText(evaluated: readonly Evaluated[], io: Io, paint: Paint): string {
  const [first] = evaluated;
  const specs = first?.result.specs ?? [];
  const rows = evaluated.flatMap(({ name, result }) =>
    result.stored.map(({ rounding, metrics, bytes }) => [
      name,
      rounding === 'none' ? 'float32' : rounding,
      ...specs.map((spec) => formatQuantity(metrics[spec.name], quantityOf(spec.unit))),
      bytesText(bytes),
    ]),
  );
  const floors = sharedFloors(evaluated).map((floor) => [
    `${floor.name} floor`,
    '',
    ...specs.map((spec) => formatQuantity(floor.metrics[spec.name], quantityOf(spec.unit))),
    '',
  ]);
  const heading = ['Run', 'Stored as', ...specs.map(metricHeading), 'File'];
  return foldedGrid(visibleIn([heading, ...rows, ...floors]), columnsOf(io.stdout), paint);
}

/** Runs on other data have other floors: then none is shown. */
function sharedFloors(evaluated: readonly Evaluated[]): RunEvaluation['floors'] {
  const [first] = evaluated.map(({ result }) => result.floors);
  const same = evaluated.every(({ result }) => JSON.stringify(result.floors) === JSON.stringify(first));
  return same ? (first ?? []) : [];
}

/** Raw: a line for each run and way of storing it, for a front of what is measured against bytes. */
function csvOf(evaluated: readonly Evaluated[]): string {
  const specs = evaluated[0]?.result.specs ?? [];
  const floors = evaluated[0]?.result.floors ?? [];
  const isOfBest = evaluated.some(({ result }) => result.best);
  const cell = (value: number | undefined): number | string =>
    value === undefined || !Number.isFinite(value) ? '' : value;
  return csvLines([
    [
      ...['run', 'controller', 'seed', 'split', 'targets', 'rounding', 'stored_bytes'],
      ...['rounded_numbers', 'float32_numbers', 'unique_parameters', 'tie_map'],
      ...(isOfBest ? ['measured_step'] : []),
      ...specs.map(metricKey),
      ...floors.flatMap(({ name }) => specs.map((spec) => `${floorKey(name)}_floor_${metricKey(spec)}`)),
    ],
    ...evaluated.flatMap(({ name, result }) =>
      result.stored.map(({ rounding, metrics, bytes, rounded, kept }) => [
        ...[name, result.controller, result.seed, result.split, result.tokens, rounding, bytes],
        ...[rounded, kept, result.ledger.uniqueParameters, formatTieMap(result.tieMap)],
        ...(isOfBest ? [result.best?.step ?? ''] : []),
        ...specs.map((spec) => cell(metrics[spec.name])),
        ...floors.flatMap((floor) => {
          const own = result.floors.find((one) => one.name === floor.name)?.metrics ?? {};
          return specs.map((spec) => cell(own[spec.name]));
        }),
      ]),
    ),
  ]);
}

const floorKey = (name: string): string => name.replaceAll(/\W+/g, '_');
