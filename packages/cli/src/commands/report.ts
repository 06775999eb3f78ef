/** `ligature report FOLDER`: one HTML file of a run or a study. */
import { join, resolve } from 'node:path';
import { writeWhole } from '@ligature/core/node';
import { loadPlugins } from '@ligature/run';
import { makeReport, REPORT } from '@ligature/report';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import { openInBrowser } from '../system/browser.js';
import { findRun, shown } from '../folders/folder.js';
import type { Context } from './context.js';
import { checkFlags, pluginNames } from './run-options.js';

const schema = z.object({ out: z.string().min(1).optional(), open: z.boolean().default(false) });

export async function report(
  name: string,
  flags: Record<string, unknown>,
  { io, json }: Context,
): Promise<number> {
  const { out, open } = checkFlags(schema, flags, []);
  const folder = findRun(name, io);
  const path = out === undefined ? join(folder, REPORT) : resolve(io.cwd, out);
  const host = createHost();
  await loadPlugins(host, { plugins: pluginNames(flags) }, io.cwd);
  const text = await makeReport(folder, host);
  await writeWhole(path, text);
  const bytes = Buffer.byteLength(text);
  if (json) io.stdout.write(`${JSON.stringify({ path, bytes })}\n`);
  else io.stdout.write(`${shown(path, io)} (${(bytes / 1e6).toFixed(2)} MB, needs no other file)\n`);
  if (open && !(await openInBrowser(path))) {
    io.stderr.write('No browser could be started; open the file yourself.\n');
  }
  return STATUS.ok;
}
