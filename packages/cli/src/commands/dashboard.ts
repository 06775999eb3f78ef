/** `ligature dashboard [RUNS]`: serves a page with the runs of a folder until Ctrl-C. */
import { resolve } from 'node:path';
import { startDashboard } from '@ligature/dashboard';
import { z } from 'zod';
import { STATUS } from '../errors.js';
import { openInBrowser } from '../system/browser.js';
import { shown } from '../folders/folder.js';
import type { Context } from './context.js';
import { checkFlags } from './run-options.js';

const schema = z.object({
  port: z.int().min(0).max(65535).default(0),
  open: z.boolean().default(false),
});

export async function dashboard(
  runs: string,
  flags: Record<string, unknown>,
  { io, json, quiet }: Context,
): Promise<number> {
  const { port, open } = checkFlags(schema, flags, ['port']);
  const folder = resolve(io.cwd, runs);
  const interrupted = new Promise<void>((done) => {
    const stop = io.onInterrupt(() => {
      stop();
      done();
    });
  });
  const { address, close } = await startDashboard({ folder, port });
  try {
    if (json) io.stdout.write(`${JSON.stringify({ address, folder })}\n`);
    else io.stdout.write(`The runs in ${shown(folder, io)} are at ${address}\n`);
    if (!json && !quiet) io.stderr.write('Ctrl-C ends it.\n');
    if (open && !(await openInBrowser(address)))
      io.stderr.write('No browser could be started; open the address yourself.\n');
    // Whether anybody was there to read the address is known a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    if (io.stdout.closed !== true) await interrupted;
  } finally {
    await close();
  }
  return STATUS.ok;
}
