/** Flags of `ligature sweep` besides those that fill the configuration of every trial. */
import { InputError } from '@ligature/core';
import { parseNumber, parseSeeds, type Assignment, type RunFlags } from '../config/flags.js';

export interface SweepFlags extends RunFlags {
  readonly vary?: readonly string[];
  readonly search?: string;
  readonly samples?: string;
  readonly objective?: string;
  readonly minimize?: string;
  readonly maximize?: string;
  readonly axes?: string;
}

/** The fields that they set, in the order in which they apply. @throws InputError naming the flag */
export function sweepAssignments(flags: SweepFlags): Assignment[] {
  const { vary = [], search, samples, seeds, axes } = flags;
  const list: Assignment[] = vary.map(varied);
  const add = (field: string, value: unknown, origin: string): void =>
    void list.push({ path: ['sweep', field], value, origin });
  if (search !== undefined) add('search', search, `--search ${search}`);
  if (samples !== undefined) add('samples', parseNumber(samples, '--samples'), `--samples ${samples}`);
  if (seeds !== undefined) add('seeds', parseSeeds(seeds, '--seeds'), `--seeds ${seeds}`);
  if (axes !== undefined) {
    add(
      'axes',
      axes.split(',').map((axis) => axis.trim()),
      `--axes ${axes}`,
    );
  }
  const goals = (['objective', 'minimize', 'maximize'] as const).flatMap((flag) => {
    const metric = flags[flag];
    return metric === undefined ? [] : [{ flag, metric, origin: `--${flag} ${metric}` }];
  });
  if (goals.length > 1) {
    throw new InputError('flag-misplaced', {
      asked: `Sweep with ${goals.map(({ origin }) => origin).join(' and ')}`,
      found: 'configurations are ranked by one number',
      todo: 'Give one of --objective, --minimize and --maximize',
    });
  }
  for (const { flag, metric, origin } of goals) {
    add('objective', metric, origin);
    add('goal', flag === 'objective' ? null : flag, origin);
  }
  return list;
}

/** `tying.window=5,10,20`: the values stay a text until the types of the fields are known. */
function varied(text: string): Assignment {
  const at = text.indexOf('=');
  if (at < 1 || text.slice(at + 1).trim() === '') {
    throw new InputError('set-invalid', {
      asked: `Use --vary ${text}`,
      found: at < 1 ? 'there is no "="' : 'there are no values after "="',
      todo: 'Write --vary path=values, for example --vary tying.window=5,10,20 or --vary training.learningRate=log:1e-4..1e-2',
    });
  }
  return {
    path: ['sweep', 'vary', text.slice(0, at).trim()],
    value: text.slice(at + 1).trim(),
    origin: `--vary ${text}`,
  };
}

/** Flags that say something else here, or nothing. @throws InputError (`flag-misplaced`) */
export function refuseMisplaced({ controllers, control }: RunFlags): void {
  for (const [flag, value, todo] of [
    ['--controllers', controllers, `--vary controller=${controllers}`],
    ['--control', control, '`ligature compare`'],
  ] as const) {
    if (value === undefined) continue;
    throw new InputError('flag-misplaced', {
      asked: `Sweep with ${flag} ${value}`,
      found: 'that is a flag of `ligature compare`',
      todo: `Use ${todo}`,
    });
  }
}
