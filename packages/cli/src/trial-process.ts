/** Entry of a trial's own process: waits for an order, runs it, sends events and the result back. */
import { loadPlugins, resumeTrial, runTrial, type RunEnvironment } from '@ligature/run';
import { createHost } from './builtins.js';
import { breathe } from './run/breathe.js';
import { packError, type FromTrial, type ToTrial, type TrialOrder } from './trials/messages.js';

const stopping = new AbortController();

const send = (message: FromTrial): Promise<void> =>
  new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });

async function run({
  config,
  folder,
  cwd,
  cacheFolder,
  begun,
  backend,
  from,
  plugins,
}: TrialOrder): Promise<FromTrial> {
  try {
    const host = createHost();
    await loadPlugins(host, { plugins: [...plugins] }, cwd);
    const env: RunEnvironment = {
      host,
      plugins,
      cwd,
      cacheFolder,
      now: () => performance.now(),
      signal: stopping.signal,
      listen: (bus) => {
        breathe(bus);
        bus.events$.subscribe((event) => void send({ kind: 'event', event }));
      },
    };
    const result = begun
      ? await resumeTrial(folder, env)
      : await runTrial(config, folder, env, {
          ...(backend !== null && { backend }),
          ...(from !== null && { from }),
        });
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
