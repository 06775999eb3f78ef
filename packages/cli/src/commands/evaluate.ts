/** `ligature evaluate RUN`: measures the saved model of a run again. */
import { visibleIn, visibleLine } from '@ligature/core';
import { evaluateRun } from '@ligature/run';
import { formatQuantity, formatTieMap, metricTable, quantities } from '@ligature/report';
import { capital } from '@ligature/studies';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import { cacheFolder } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { findRun } from '../folders/folder.js';
import { columnsOf, paintFor } from '../terminal/paint.js';
import { grid, pairs } from '../terminal/tables.js';
import type { Context } from './context.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object({
  split: z.enum(['train', 'validation', 'test']).default('test'),
  batches: z.int().min(1).optional(),
  ...BACKEND_FLAGS,
});

export async function evaluate(
  run: string,
  flags: Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { io, json, quiet } = context;
  const checked = checkFlags(schema, flags, ['batches', 'threads']);
  const { split, batches } = checked;
  const folder = findRun(run, io);
  const view = createProgressView(io, { quiet, plain: json });
  const line = view.begin('');
  line.event({ type: 'stage.entered', message: `Evaluating ${run} on its ${split} split …` });
  try {
    const result = await evaluateRun(
      folder,
      { split, ...(batches !== undefined && { batches }), ...backendOverride(checked) },
      {
        host: createHost(),
        cwd: io.cwd,
        cacheFolder: cacheFolder(io),
        now: io.now,
        listen: (bus) => bus.events$.subscribe((event) => line.event(event)),
        plugins: pluginNames(flags),
      },
    );
    view.end();
    if (json) {
      io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      return STATUS.ok;
    }
    const paint = paintFor(io.stdout, io.env);
    const { ledger, metrics, specs, subset, tokens, unit, lossUnit, floors } = result;
    const measured = visibleIn(
      metricTable({ metrics: specs, lossUnit }, [{ heading: split, metrics, floors }]),
    );
    const facts = [
      { name: capital(visibleLine(unit)), value: tokens.toLocaleString('en-US') },
      ...(subset
        ? [{ name: 'Batches', value: `${subset.batches} of ${subset.of}, evenly over the split` }]
        : []),
      { name: 'Unique parameters', value: formatQuantity(ledger.uniqueParameters, quantities.parameters) },
      { name: 'Tie map', value: formatTieMap(result.tieMap) },
    ];
    io.stdout.write(`${grid(measured, paint)}\n\n${pairs(facts, columnsOf(io.stdout), paint)}\n`);
    return STATUS.ok;
  } finally {
    view.end();
  }
}
