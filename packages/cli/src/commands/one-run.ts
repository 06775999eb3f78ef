/** One run in this process, shown while it trains and summed up at its end: what `train` and `resume` share. */
import { join } from 'node:path';
import { isOurs, measuredPart, visibleIn, visibleLine, type PluginHost } from '@ligature/core';
import { writeWhole } from '@ligature/core/node';
import { breathe, type RunEnvironment, type TrialResult } from '@ligature/run';
import {
  bestOfRun,
  floorsOfRun,
  isMeasuredMap,
  resultTable,
  runFacts,
  runMarkdown,
  tieMapSvg,
} from '@ligature/report';
import { reportError } from '../errors.js';
import { cacheFolder } from '../io.js';
import { createProgressView } from '../progress/view.js';
import {
  evaluateNeedsPlugins,
  generateNeedsPlugins,
  howToResume,
  withPlugins,
  word,
} from '../command-lines/again.js';
import { shown } from '../folders/folder.js';
import { writeReport } from '../folders/write-report.js';
import { interruptible } from '../system/interrupt.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { foldedGrid, pairs } from '../terminal/tables.js';
import type { Context } from './context.js';

export interface RunToShow {
  readonly label: string;
  readonly folder: string;
  readonly host: PluginHost;
  /** Plug-ins that the run was made with, as they were named. */
  readonly plugins: readonly string[];
}

export async function oneRun(
  { label, folder, host, plugins }: RunToShow,
  context: Context,
  run: (env: RunEnvironment) => Promise<TrialResult>,
): Promise<number> {
  const { io, json, quiet } = context;
  const view = createProgressView(io, { quiet, plain: json });
  const interrupt = interruptible(io, view);
  const shownRun = view.begin(label);
  try {
    const result = await run({
      host,
      cwd: io.cwd,
      cacheFolder: cacheFolder(io),
      now: io.now,
      command: context.command,
      signal: interrupt.signal,
      ...(io.lateFailures && { lateFailures: io.lateFailures }),
      listen: (bus) => {
        breathe(bus);
        bus.events$.subscribe((event) => shownRun.event(event));
      },
    });
    view.end();
    await writeWhole(join(folder, 'report.md'), runMarkdown(result));
    await writeWhole(join(folder, 'tie-map.svg'), await tieMapSvg(result));
    await writeReport(folder, host);
    if (json) io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else io.stdout.write(summary(result, { label, folder: shown(folder, io), host, plugins }, context));
    if (result.outcome === 'stopped' && json) io.stderr.write(`${howToResume(shown(folder, io), plugins)}\n`);
    return interrupt.status();
  } catch (error) {
    // Before there was a step to stop after: a download, say.
    const isStopped = interrupt.signal.aborted && isOurs(error) && error.code === 'stopped';
    if (!isStopped) throw error;
    view.end();
    reportError(error, io, { json, verbose: false });
    return interrupt.status();
  } finally {
    view.end();
    interrupt.dispose();
  }
}

function summary(result: TrialResult, { folder, host, plugins }: RunToShow, { io }: Context): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const measured = visibleIn(resultTable(result));
  const cells = tieMapCells(result.tieMap, Math.min(2 * result.tieMap.length, columns - 26), paint);
  const facts = visibleIn(runFacts(result)).map((fact) => ({
    ...fact,
    value: isMeasuredMap(fact, result) && paint.level > 0 ? cells : fact.value,
  }));
  const stopped = result.outcome === 'stopped';
  const { config } = result;
  const part = measuredPart(result);
  return [
    '',
    ...(stopped
      ? [`Stopped after ${result.steps} steps; everything was saved.`, howToResume(folder, plugins), '']
      : []),
    // A run that was stopped has not been measured.
    ...(measured.length > 1
      ? [
          foldedGrid(measured, columns, paint),
          '',
          ...[...bestOfRun(result), ...floorsOfRun(result)].flatMap((text) => [
            wrap(visibleLine(text.replaceAll(/[*`]/g, '')), Math.min(columns, 100)),
            '',
          ]),
        ]
      : []),
    ...(part === undefined ? [] : [`Measured on ${part} (evaluation.final).`, '']),
    pairs(facts, columns, paint),
    '',
    `Written to ${folder} (report.html, report.md, tie-map.svg, events.jsonl, result.json).`,
    'Next:',
    // Of the tasks that come along it alone predicts the next token.
    ...(config.task.name === 'causal-lm'
      ? [
          `  ligature generate ${word(folder)} --prompt "Call me"${generateNeedsPlugins(config, host) ? withPlugins(plugins) : ''}`,
        ]
      : []),
    `  ligature evaluate ${word(folder)} --split test${evaluateNeedsPlugins(config, host) ? withPlugins(plugins) : ''}`,
    '',
  ].join('\n');
}
