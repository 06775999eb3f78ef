/** `ligature resume` of what is finished: it says so and leaves every file as it is; a report that is missing is made. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { PluginHost } from '@ligature/core';
import { writeWhole } from '@ligature/core/node';
import { documentFiles, makeReport, REPORT, runMarkdown, tieMapSvg } from '@ligature/report';
import { assertNoLinksOut, finishedRun } from '@ligature/run';
import { finishedStudy, isStudy } from '@ligature/studies';
import { word } from '../command-lines/again.js';
import { STATUS } from '../errors.js';
import { shown } from '../folders/folder.js';
import type { Context } from './context.js';

/** What is made of a result, by the name of the file. */
type Made = ReadonlyMap<string, () => Promise<string> | string>;

/** @returns the exit status; `undefined` for a run that is not finished */
export async function resumeFinishedRun(
  folder: string,
  host: PluginHost,
  context: Context,
): Promise<number | undefined> {
  assertNoLinksOut(folder);
  const result = finishedRun(folder);
  if (result === undefined) return undefined;
  const made: Made = new Map<string, () => Promise<string> | string>([
    ['report.md', () => runMarkdown(result)],
    ['tie-map.svg', () => tieMapSvg(result)],
    [REPORT, () => makeReport(folder, host)],
  ]);
  // A trial has no reports of its own: its study shows it.
  const isTrial = isStudy(dirname(resolve(context.io.cwd, folder)));
  const place = shown(folder, context.io);
  say(context, result, [
    `The run is finished after ${result.steps} steps: there is nothing to go on with.`,
    ...(isTrial ? [] : await missingMade(folder, made, context)),
    `Its result: ${join(place, 'result.json')}${isTrial ? '' : ` (${REPORT}, report.md)`}`,
    'To train its model further, in a new run:',
    `  ligature train --config ${word(join(place, 'config.json'))} --set weights.from.name=run --set weights.from.options.path=${word(place)}`,
  ]);
  return STATUS.ok;
}

/** @returns the exit status; `undefined` for a study that has something left to do */
export async function resumeFinishedStudy(
  folder: string,
  host: PluginHost,
  context: Context,
): Promise<number | undefined> {
  assertNoLinksOut(folder);
  const finished = await finishedStudy(folder, host);
  if (finished === undefined) return undefined;
  const { result, document } = finished;
  const files = await documentFiles(document, folder);
  const made: Made = new Map([...files].map(([file, content]) => [file, () => content]));
  const place = shown(folder, context.io);
  say(context, result, [
    'The study is finished: every trial was completed, and there is nothing to go on with.',
    ...(await missingMade(folder, made, context)),
    `What it found: ${join(place, `${document.name}.json`)} (${[...files.keys()].filter((file) => !file.includes('/')).join(', ')})`,
  ]);
  return STATUS.ok;
}

/** Writes what is not there. @returns a line that says so */
async function missingMade(folder: string, made: Made, { io }: Context): Promise<string[]> {
  const missing = [...made].filter(([file]) => !existsSync(join(folder, file)));
  for (const [file, make] of missing) await writeWhole(join(folder, file), await make());
  return missing.length === 0
    ? []
    : [`Made again what was missing: ${missing.map(([file]) => shown(join(folder, file), io)).join(', ')}`];
}

/** What it found was asked for, as of a run that ends now. */
function say({ io, json, quiet }: Context, result: unknown, lines: readonly string[]): void {
  const text = `${lines.join('\n')}\n`;
  if (!json) io.stdout.write(text);
  else {
    io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    if (!quiet) io.stderr.write(text);
  }
}
