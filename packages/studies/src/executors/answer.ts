/** What a trial's own process does: waits for an order, carries it out, sends signals and the result back. */
import type { PluginHost } from '@ligature/core';
import { catchLateFailures, pluginGuard } from '@ligature/core/node';
import { loadPlugins } from '@ligature/run';
import { carryOut } from './carry-out.js';
import { packError, type FromTrial, type LocalOrder, type ToTrial } from './messages.js';

/** The longest that the step under way and its checkpoint may take when there is nobody left to stop the process. */
const LAST_STEP_MS = 600_000;

/** @param createHost with the plug-ins that every trial of this program has; those of the order are loaded into it */
export function answerOrders(createHost: () => PluginHost): void {
  const stopping = new AbortController();
  const send = (message: FromTrial): Promise<void> =>
    new Promise((resolve) => {
      if (process.send && process.connected) process.send(message, () => resolve());
      else resolve();
    });

  let leaving = false;
  const leave = (status: number): never => {
    leaving = true;
    process.exit(status);
  };
  // Sent at once, so that it is on its way when the process is gone.
  const fail = (error: unknown): void => void send({ kind: 'failed', error: packError(error) });
  pluginGuard.watchExit({ isExpected: () => leaving, report: fail });
  const lateFailures = catchLateFailures((error) => {
    fail(error);
    leave(1);
  });

  async function run(local: LocalOrder): Promise<FromTrial> {
    try {
      const host = createHost();
      const plugins = local.order.plugins.map(({ specifier }) => specifier);
      await loadPlugins(host, { plugins }, local.cwd);
      const place = { host, now: () => performance.now(), stop: stopping.signal, lateFailures };
      const result = await carryOut(local, (signal) => void send({ kind: 'signal', signal }), place);
      return { kind: 'done', result };
    } catch (error) {
      return { kind: 'failed', error: packError(error) };
    }
  }

  let begun = false;
  // Ctrl-C and the end of a terminal reach every process in it; the command decides what they mean and says so with `stop`.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => stopping.abort());
  // What is printed goes to the command, and is lost with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // The command is gone and nobody waits for the result: what there is is saved, so that the study can go on.
  process.on('disconnect', () => {
    if (!begun) leave(1);
    stopping.abort();
    setTimeout(() => leave(1), LAST_STEP_MS).unref();
  });
  process.on('message', (message: ToTrial) => {
    if (message.kind === 'stop') {
      stopping.abort();
      return;
    }
    begun = true;
    void run(message.order)
      .then(send)
      .then(() => leave(0));
  });
}
