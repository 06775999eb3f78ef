/** A sweep that is stopped and goes on gives the table that it would have given, and repeats nothing; it can grow. */
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import { expect, it } from 'vitest';
import {
  objectiveOf,
  readSweepPlan,
  resumeSweep,
  runSweep,
  type Sweep,
  type SweepPlan,
} from '../../src/index.js';
import { executor } from '../studies.js';
import { tinyConfig, withFolder } from '../../../run/test/tiny-run.js';

/** All but what is measured with a clock. */
const comparable = (sweep: Sweep): unknown =>
  JSON.parse(JSON.stringify(sweep, (key, value: unknown) => (key === 'tokensPerSecond' ? undefined : value)));

it('goes on where it was stopped, and grows by a configuration', async () => {
  await withFolder(async (folder) => {
    const config = tinyConfig(folder, {
      model: { width: 16 },
      training: { steps: 4 },
      checkpoint: { every: 1 },
      controller: 'random',
    });
    const configuration = (id: number, window: number) => ({
      ...{ id, label: `window=${window}`, values: [window] },
      config: runConfigSchema.parse({ ...config, tying: { ...config.tying, window } }),
    });
    const plan: SweepPlan = {
      search: 'random',
      samples: 2,
      seeds: [1],
      objective: objectiveOf('validation.nats', null, config),
      axes: ['tying.window'],
      fields: [
        {
          path: 'tying.window',
          name: 'window',
          dimension: { kind: 'list', values: [1, 2, 4] },
          text: '1, 2, 4',
        },
      ],
      configurations: [configuration(1, 1), configuration(2, 2)],
    };
    const whole = await runSweep(config, plan, { ...executor(folder), folder: join(folder, 'whole') });
    expect(whole.rows).toHaveLength(2);

    const cut = join(folder, 'cut');
    const stopped = await runSweep(config, plan, { ...executor(folder, '002-seed-1'), folder: cut });
    expect(stopped).toMatchObject({ unfinished: 1, rows: [{ id: 1 }] });
    const second = executor(folder);
    expect(comparable(await resumeSweep({ ...second, folder: cut }))).toEqual(comparable(whole));
    expect(second.ran).toEqual(['002-seed-1, begun']);

    const third = executor(folder);
    const grown: SweepPlan = {
      ...plan,
      samples: 3,
      configurations: [...plan.configurations, configuration(3, 4)],
    };
    const longer = await resumeSweep({ ...third, folder: cut }, grown);
    expect(third.ran).toEqual(['003-seed-1']);
    expect(longer.rows.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(readSweepPlan(cut).plan).toEqual(grown);
  });
}, 60_000);
