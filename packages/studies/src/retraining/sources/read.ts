/** Which runs are retrained together: folders of runs, or those of one controller in the folder of a comparison. */
import { join } from 'node:path';
import { InputError, type RunConfig } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import { planTrials } from '../../comparison/plan.js';
import { isStudy, readStudy } from '../../conduct/study-folder.js';
import { readRetrainingSource, type RetrainingSource } from '../source.js';

/**
 * The folders of the runs that folders stand for.
 *
 * @param folders as the user named them, and where they are
 * @param controller label of the runs that are meant in a comparison
 * @throws InputError (`controller-missing`, `unknown-controller`, `run-unreadable`)
 */
export function runFolders(
  folders: readonly { readonly named: string; readonly found: string }[],
  controller: string | undefined,
): { readonly named: string; readonly found: string }[] {
  return folders.flatMap((one) => {
    if (!isStudy(one.found)) return [one];
    return trialsOf(one.found, one.named, controller).map((id) => ({
      named: join(one.named, id),
      found: join(one.found, id),
    }));
  });
}

/** On several texts a label names a text too, which --controller does not read. */
const WHICH = 'Name one of them with --controller, or give the folders of its runs';

function trialsOf(folder: string, named: string, controller: string | undefined): string[] {
  const refuse = (code: string, found: string, todo: string): InputError =>
    new InputError(code, { asked: `Retrain runs of the study "${named}"`, found, todo });
  const { study, config } = readStudy(folder);
  if (study !== 'comparison') {
    throw refuse('run-unreadable', `it is a ${study}`, 'Give folders of runs, or of a comparison');
  }
  const trials = planTrials(config);
  const labels = [...new Set(trials.map(({ label }) => label))];
  if (controller === undefined) {
    const found = `it has runs of ${labels.join(', ')}`;
    throw refuse('controller-missing', found, WHICH);
  }
  const own = trials.filter(({ label }) => label === controller);
  if (own.length > 0) return own.map(({ id }) => id);
  const known = `it compares ${labels.join(', ')}, and not ${controller}`;
  throw refuse('unknown-controller', known, WHICH);
}

/** Fields in which sources may differ: who they are, and how and where they were run. */
const THEIR_OWN = [
  ...['seed', 'controller', 'compare', 'plan'],
  ...['out', 'threads', 'backend', 'plugins', 'recorders', 'eventLog', 'checkpoint'],
];

/**
 * Runs that may be retrained together: of one controller, alike in all but their seeds, and stopped at one step.
 *
 * @throws InputError (`sources-differ`, `source-twice`, and those of {@link readRetrainingSource})
 */
export async function readSources(folders: readonly string[]): Promise<RetrainingSource[]> {
  const sources: RetrainingSource[] = [];
  for (const folder of folders) sources.push(await readRetrainingSource(folder));
  const [first, ...others] = sources as [RetrainingSource, ...RetrainingSource[]];
  for (const one of others) {
    const field = difference(first, one);
    if (field === undefined) continue;
    throw refused('sources-differ', first, one, {
      found: `they differ in ${field}`,
      todo: 'Give runs of one controller with one configuration, which differ in their seeds alone',
    });
  }
  sources.forEach((one, index) => {
    const twin = sources.slice(0, index).find(({ run }) => run.seed === one.run.seed);
    if (twin === undefined) return;
    throw refused('source-twice', twin, one, {
      found: `both have the seed ${one.run.seed}, so they are one run`,
      todo: 'Give each source once',
    });
  });
  return sources;
}

function difference(one: RetrainingSource, other: RetrainingSource): string | undefined {
  for (const field of ['controller', 'steps', 'budget'] as const) {
    const [first, second] = [one.run[field], other.run[field]];
    if (first !== second) return `${field}: ${first} and ${second}`;
  }
  const fields = Object.keys({ ...one.config, ...other.config }) as (keyof RunConfig)[];
  return fields.find(
    (field) =>
      !THEIR_OWN.includes(field) && JSON.stringify(one.config[field]) !== JSON.stringify(other.config[field]),
  );
}

const refused = (
  code: string,
  one: RetrainingSource,
  other: RetrainingSource,
  { found, todo }: { readonly found: string; readonly todo: string },
): InputError =>
  new InputError(code, {
    asked: `Retrain "${one.run.folder}" and "${other.run.folder}" together`,
    found,
    todo,
  });

/** A controller as the comparison calls it, whichever way it is written. */
export const labelIn = (read: (text: string, flag: string) => unknown, text: string): string =>
  controllerLabel(read(text, '--controller') as RunConfig['controller']);
