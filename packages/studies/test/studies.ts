/** Has studies conducted in this process, for tests. */
import type { Executor, PlannedTrial, RunConfig, TrialOrder, TrialResult } from '@ligature/core';
import { resumeTrial, runTrial } from '@ligature/run';
import { environment } from '../../run/test/tiny-run.js';
import { conductStudy, folderStore, plugin, readStudy, type StudyToConduct } from '../src/index.js';

export interface Trials {
  /** Ids in the order in which they were carried out. */
  readonly ran: string[];
  readonly run: (place: string) => Executor['run'];
  readonly signal: AbortSignal;
}

/** Trials counted by id; `stopIn` is stopped after its second step, and no other one begins; `failIn` fails. */
export function trials(
  folder: string,
  { stopIn, failIn }: { stopIn?: string; failIn?: string } = {},
): Trials {
  const ran: string[] = [];
  const stop = new AbortController();
  const run =
    (place: string): Executor['run'] =>
    async ({ id, config, resume }) => {
      ran.push(resume ? `${id}, begun` : id);
      if (id === failIn) throw new Error('out of luck');
      const store = folderStore(place);
      const env = environment(folder, {
        stored: (key) => store.place(key),
        signal: stop.signal,
        listen: (bus) =>
          void bus.events$.subscribe((event) => {
            if (id === stopIn && event.type === 'step.completed' && event.step === 2) stop.abort();
          }),
      });
      if (resume) return await resumeTrial(store.place(id), env);
      return await runTrial(config, store.place(id), env);
    };
  return { ran, run, signal: stop.signal };
}

type Extra = Partial<Pick<StudyToConduct, 'resumed' | 'extended' | 'begin' | 'parallel'>>;

export async function conduct<R>(
  name: string,
  config: RunConfig,
  settings: unknown,
  place: string,
  { run, signal }: Pick<Trials, 'run' | 'signal'>,
  extra: Extra = {},
): Promise<R> {
  const { host } = environment(place, {}, [plugin]);
  const { result } = await conductStudy({
    ...{ name, config, settings, host, folder: place, executor: { run: run(place) }, signal },
    ...extra,
  });
  return result as R;
}

/** Goes on with the study in a folder, as its plan says. */
export async function goOn<R>(place: string, by: Pick<Trials, 'run' | 'signal'>): Promise<R> {
  const { study, config, settings } = readStudy(place);
  return await conduct<R>(study, config, settings, place, by, { resumed: true });
}

/** A finished trial as plans and results make it. */
export const finished = (trial: PlannedTrial | TrialOrder, result: TrialResult) => ({ trial, result });

/** As it is after it has been written and read again. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
