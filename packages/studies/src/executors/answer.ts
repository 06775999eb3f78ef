/** What a trial's own process does: waits for an order, carries it out, sends signals and the result back. */
import type { PluginHost } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import { carryOut } from './carry-out.js';
import { packError, type FromTrial, type LocalOrder, type ToTrial } from './messages.js';

/** @param createHost with the plug-ins that every trial of this program has; those of the order are loaded into it */
export function answerOrders(createHost: () => PluginHost): void {
  const stopping = new AbortController();
  const send = (message: FromTrial): Promise<void> =>
    new Promise((resolve) => {
      if (process.send && process.connected) process.send(message, () => resolve());
      else resolve();
    });

  async function run(local: LocalOrder): Promise<FromTrial> {
    try {
      const host = createHost();
      const plugins = local.order.plugins.map(({ specifier }) => specifier);
      await loadPlugins(host, { plugins }, local.cwd);
      const place = { host, now: () => performance.now(), stop: stopping.signal };
      const result = await carryOut(local, (signal) => void send({ kind: 'signal', signal }), place);
      return { kind: 'done', result };
    } catch (error) {
      return { kind: 'failed', error: packError(error) };
    }
  }

  // Ctrl-C reaches every process of the terminal; the command decides what it means and says so with `stop`.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => stopping.abort());
  // The command is gone: nobody waits for the result.
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: ToTrial) => {
    if (message.kind === 'stop') stopping.abort();
    else
      void run(message.order)
        .then(send)
        .then(() => process.exit(0));
  });
}
