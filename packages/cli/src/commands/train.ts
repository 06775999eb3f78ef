/** `ligature train`: one run, in this process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controllerLabel, runTrial, type TrialResult } from '@ligature/experiments';
import { metricRows, runFacts, runMarkdown, tieMapSvg } from '@ligature/report';
import type { RunFlags } from '../config/flags.js';
import { STATUS } from '../errors.js';
import { cacheFolder } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { breathe } from '../run/breathe.js';
import { datasetLabel, makeFolder, removeIfEmpty, shown } from '../run/folder.js';
import { interruptible } from '../run/interrupt.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor } from '../terminal/paint.js';
import { grid, pairs } from '../terminal/tables.js';
import type { Context, ExperimentFlags } from './context.js';
import { prepare, printConfig } from './prepare.js';

export async function train(flags: RunFlags & ExperimentFlags, context: Context): Promise<number> {
  const { io, json, quiet } = context;
  const { config, host } = await prepare(flags, context, ({ controller }) => [controller]);
  if (flags.printConfig) {
    printConfig(config, context);
    return STATUS.ok;
  }
  const label = controllerLabel(config.controller);
  const folder = makeFolder(
    config,
    flags.name ?? `${datasetLabel(config)}-${config.controller.name}-seed-${config.seed}`,
    io,
  );
  const view = createProgressView(io, { quiet, plain: json });
  const interrupt = interruptible(io, view);
  view.begin(`${label}, seed ${config.seed}`);
  try {
    const result = await runTrial(config, folder, {
      host,
      cwd: io.cwd,
      cacheFolder: cacheFolder(io),
      now: io.now,
      signal: interrupt.signal,
      onStage: (message) => view.stage(message),
      listen: (bus) => {
        breathe(bus);
        bus.events$.subscribe((event) => view.event(event));
      },
    });
    view.end();
    writeFileSync(join(folder, 'report.md'), runMarkdown(result));
    writeFileSync(join(folder, 'tie-map.svg'), await tieMapSvg(result));
    if (json) io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else io.stdout.write(summary(result, shown(folder, io), context));
    return interrupt.status();
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  } finally {
    view.end();
    interrupt.dispose();
  }
}

function summary(result: TrialResult, folder: string, { io }: Context): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const measured = metricRows(result);
  const cells = tieMapCells(result.tieMap, Math.min(2 * result.tieMap.length, columns - 26), paint);
  const facts = runFacts(result).map(({ name, value }) => ({
    name,
    value: name === 'Final tie map' && paint.level > 0 ? cells : value,
  }));
  const stopped =
    result.outcome === 'stopped' ? `Stopped after ${result.steps} steps; what there is was written.\n\n` : '';
  return [
    '',
    stopped + grid([['Metric', 'Validation', 'Test'], ...measured], paint),
    '',
    pairs(facts, columns, paint),
    '',
    `Written to ${folder} (report.md, tie-map.svg, events.jsonl, result.json).`,
    'Next:',
    `  ligature generate ${folder} --prompt "Call me"`,
    `  ligature evaluate ${folder} --split test`,
    '',
  ].join('\n');
}
