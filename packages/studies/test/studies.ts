/** Runs the trials of a study in this process, for tests. */
import { resumeTrial, runTrial } from '@ligature/run';
import { type TrialsOptions } from '../src/index.js';
import { environment } from '../../run/test/tiny-run.js';

interface Executor {
  readonly ran: string[];
  readonly execute: TrialsOptions['execute'];
  readonly signal: AbortSignal;
}

/** Trials counted by name; `stopIn` is stopped after its second step, and no other one begins. */
export function executor(folder: string, stopIn?: string): Executor {
  const ran: string[] = [];
  const stop = new AbortController();
  const execute: TrialsOptions['execute'] = (plan, place, { begun }) => {
    ran.push(begun ? `${plan.folderName}, begun` : plan.folderName);
    const env = environment(folder, {
      signal: stop.signal,
      listen: (bus) =>
        void bus.events$.subscribe((event) => {
          if (plan.folderName === stopIn && event.type === 'step.completed' && event.step === 2) stop.abort();
        }),
    });
    const from = plan.from === undefined ? {} : { from: plan.from };
    return begun ? resumeTrial(place, env) : runTrial(plan.config, place, env, from);
  };
  return { ran, execute, signal: stop.signal };
}

/** As it is after it has been written and read again. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
