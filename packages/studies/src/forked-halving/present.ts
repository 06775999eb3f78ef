/** Forked halving as tables, a picture and words. */
import type { DocumentBlock, MetricSpec, StudyDocument } from '@ligature/core';
import { both, close, heading, raw, tableOf } from '../presentation/rows.js';
import { code, mapText, plural, tokenizerText } from '../presentation/words.js';
import { metricAxis, metricKey, metricName } from '../statistics/wording.js';
import type { Agreement, ForkCost, ForkedHalving, ForkedMap } from './types.js';

export function presentForkedHalving(found: ForkedHalving): StudyDocument {
  const { run, verdict, failed, unfinished, config, task, maps } = found;
  const metric = task.metrics[0] as MetricSpec;
  const begun = maps.some(({ values }) => values[0] !== null);
  return {
    name: 'forked-halving',
    kind: 'forked halving',
    title: 'Tie maps forked from one run',
    lead: lead(found),
    verdict,
    body: [
      heading('What it shows'),
      { kind: 'verdict' },
      ...(begun ? [chart(found, metric)] : []),
      heading('Maps'),
      mapsTable(found, metric),
      heading('What short rungs know of long ones'),
      agreementTable(found),
      heading('What it cost'),
      costTable(found),
    ],
    ...{ failed, unfinished, config },
    command: `ligature forked-halving ${run.folder} --blocks ${found.blocks} --maps ${maps.length} --rungs ${found.rungs.join(',')}${found.all ? ' --all' : ''}`,
  };
}

function lead(found: ForkedHalving): string {
  const { run, config, maps, blocks, allMaps, rungs, all, dataset, backend } = found;
  const rule = all ? 'every map was trained to the end' : 'after each rung the better half went on';
  return (
    `${plural(maps.length, 'contiguous map')} with ${plural(blocks, 'block')}, of ${allMaps}, forked from step ${run.steps} of a run of ` +
    `${code(run.controller)} (seed ${run.seed}), each with weights of its own and the same batches; rungs end after ${rungs.join(', ')} steps, and ` +
    `${rule}. ${code(config.model.name)} with ${plural(run.layers, 'layer')} on ${code(dataset)}, ${tokenizerText({ ...found, vocabularySize: 0 })}` +
    `backend ${code(backend)}, constant learning rate ${config.training.learningRate}.`
  );
}

function chart({ maps, rungs, task }: ForkedHalving, metric: MetricSpec): DocumentBlock {
  const what = `validation ${metricName(metric)}`;
  return {
    kind: 'chart',
    id: 'rungs',
    title: `Validation ${metricName(metric)} by steps after the fork`,
    alt: `One line for each map: its ${what} at the end of every rung that it got to.`,
    notes: ['A line that ends early is a map that did not go on. The table has the numbers.'],
    file: 'forked-halving.svg',
    drawing: {
      kind: 'lines',
      xTitle: 'steps after the fork',
      yTitle: `${what}, ${metricAxis(metric, task.lossUnit)}`,
      series: maps.map(({ tieMap, values }) => ({
        name: mapText(tieMap),
        points: values.flatMap((y, rung) => (y === null ? [] : [{ x: rungs[rung] as number, y }])),
      })),
    },
  };
}

function mapsTable({ maps, rungs, task }: ForkedHalving, metric: MetricSpec): DocumentBlock {
  const { unit, digits = 4 } = close(metric);
  const key = metricKey(metric);
  const valueAt = (rung: number) => ({
    ...both<ForkedMap>(
      `validation_${key}_${rungs[rung]}`,
      `After ${rungs[rung]}`,
      unit,
      ({ values }) => values[rung] ?? null,
    ),
    digits,
  });
  return tableOf<ForkedMap>(
    maps,
    [
      both('tie_map', 'Tie map', 'text', ({ tieMap }) => mapText(tieMap)),
      both('steps', 'Steps', 'count', ({ steps }) => steps),
      raw('unique_parameters', ({ uniqueParameters }) => uniqueParameters),
      ...rungs.map((_, rung) => valueAt(rung)),
      { ...both<ForkedMap>(`test_${key}`, 'Test', unit, ({ test }) => test), digits },
    ],
    {
      caption: `Validation ${metricName(metric)} at the end of each rung, ${metricAxis(metric, task.lossUnit)}`,
      file: 'forked-halving.csv',
      note: `Steps are counted from the fork. Maps are chosen by validation; test was measured at the end of the last rung, and chose nothing. ${metric.better === 'lower' ? 'Lower' : 'Higher'} is better.`,
    },
  );
}

function agreementTable({ agreement }: ForkedHalving): DocumentBlock {
  return tableOf<Agreement>(
    agreement,
    [
      both('from', 'After', 'count', ({ from }) => from),
      both('to', 'And after', 'count', ({ to }) => to),
      both('maps', 'Maps', 'count', ({ maps }) => maps),
      { ...both<Agreement>('kendall_tau', 'Kendall tau', '', ({ tau }) => tau), digits: 2 },
      { ...both<Agreement>('chance', 'Chance', '', ({ chance }) => chance), digits: 2 },
    ],
    {
      caption: 'How far the orders of the maps agree',
      file: 'agreement.csv',
      note:
        'Over the maps that got to both rungs: 1 is the same order, 0 none in common. Maps that went on are those that did best, which makes tau smaller than ' +
        'over all maps. *Chance* is what unrelated orders exceed in 5 of 100 cases (normal approximation), for four maps or more.',
    },
  );
}

function costTable({ cost, oneRun, regret }: ForkedHalving): DocumentBlock {
  const rows: readonly { readonly what: string; readonly spent: ForkCost }[] = [
    { what: 'all forks', spent: cost },
    ...(regret ? [{ what: 'halving alone', spent: regret.cost }] : []),
    ...(oneRun ? [{ what: 'one map', spent: oneRun }] : []),
  ];
  type Row = (typeof rows)[number];
  return tableOf<Row>(
    rows,
    [
      both('what', 'Trained', 'text', ({ what }) => what),
      both('steps', 'Steps', 'count', ({ spent }) => spent.steps),
      both('tokens', 'Tokens', 'count', ({ spent }) => spent.tokens),
      both('flops', 'FLOPs', 'operations', ({ spent }) => spent.flops),
      {
        ...both<Row>('times_one_map', 'Times one map', '', ({ spent }) =>
          oneRun && oneRun.steps > 0 ? spent.steps / oneRun.steps : null,
        ),
        digits: 1,
      },
    ],
    {
      caption: 'Training after the fork',
      file: 'costs.csv',
      note: 'The run that was forked comes before it, once. Validation at the end of a rung is not counted.',
    },
  );
}
