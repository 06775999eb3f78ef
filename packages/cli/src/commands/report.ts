/** `ligature report FOLDER`: one HTML file of a run, a comparison, a sweep, a landscape or a retraining. */
import { join, resolve } from 'node:path';
import { writeWhole } from '@ligature/run';
import { makeReport } from '@ligature/report';
import { z } from 'zod';
import { STATUS } from '../errors.js';
import { openInBrowser } from '../run/browser.js';
import { findRun, shown } from '../run/folder.js';
import { REPORT } from '../run/write-report.js';
import type { Context } from './context.js';
import { checkFlags } from './run-options.js';

const schema = z.object({ out: z.string().min(1).optional(), open: z.boolean().default(false) });

export async function report(
  name: string,
  flags: Record<string, unknown>,
  { io, json }: Context,
): Promise<number> {
  const { out, open } = checkFlags(schema, flags, []);
  const folder = findRun(name, io);
  const path = out === undefined ? join(folder, REPORT) : resolve(io.cwd, out);
  const text = await makeReport(folder);
  writeWhole(path, text);
  const bytes = Buffer.byteLength(text);
  if (json) io.stdout.write(`${JSON.stringify({ path, bytes })}\n`);
  else io.stdout.write(`${shown(path, io)} (${(bytes / 1e6).toFixed(2)} MB, needs no other file)\n`);
  if (open && !(await openInBrowser(path))) {
    io.stderr.write('No browser could be started; open the file yourself.\n');
  }
  return STATUS.ok;
}
