/** Entry of a trial's own process: waits for an order, runs it, sends events, stages and the result back. */
import { loadPlugins, runTrial } from '@ligature/experiments';
import { createHost } from './builtins.js';
import { breathe } from './run/breathe.js';
import { packError, type FromTrial, type ToTrial, type TrialOrder } from './trials/messages.js';

const stopping = new AbortController();

const send = (message: FromTrial): Promise<void> =>
  new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });

async function run({ config, folder, cwd, cacheFolder }: TrialOrder): Promise<FromTrial> {
  try {
    const host = createHost();
    await loadPlugins(host, config, cwd);
    const result = await runTrial(config, folder, {
      host,
      cwd,
      cacheFolder,
      now: () => performance.now(),
      signal: stopping.signal,
      onStage: (message) => void send({ kind: 'stage', message }),
      onNotice: (message) => void send({ kind: 'notice', message }),
      onEvaluation: (progress) => void send({ kind: 'evaluation', progress }),
      listen: (bus) => {
        breathe(bus);
        bus.events$.subscribe((event) => void send({ kind: 'event', event }));
      },
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
