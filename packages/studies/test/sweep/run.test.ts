/** A sweep that is stopped and goes on gives the table that it would have given, and repeats nothing; it can grow. */
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import { expect, it } from 'vitest';
import { LANGUAGE_MODEL } from '@ligature/run';
import { objectiveOf, readStudy, type Sweep, type SweepPlan } from '../../src/index.js';
import { conduct, goOn, trials } from '../studies.js';
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
      objective: objectiveOf('validation.nats', null, config, LANGUAGE_MODEL.metrics),
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
    const whole = await conduct<Sweep>('sweep', config, plan, join(folder, 'whole'), trials(folder));
    expect(whole.rows).toHaveLength(2);

    const cut = join(folder, 'cut');
    const stopped = await conduct<Sweep>(
      'sweep',
      config,
      plan,
      cut,
      trials(folder, { stopIn: '002-seed-1' }),
    );
    expect(stopped).toMatchObject({ unfinished: 1, rows: [{ id: 1 }] });
    const second = trials(folder);
    expect(comparable(await goOn<Sweep>(cut, second))).toEqual(comparable(whole));
    expect(second.ran).toEqual(['002-seed-1, begun']);

    const third = trials(folder);
    const grown: SweepPlan = {
      ...plan,
      samples: 3,
      configurations: [...plan.configurations, configuration(3, 4)],
    };
    const longer = await conduct<Sweep>('sweep', config, grown, cut, third, {
      resumed: true,
      extended: true,
    });
    expect(third.ran).toEqual(['003-seed-1']);
    expect(longer.rows.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(readStudy(cut).settings).toEqual(grown);
  });
}, 60_000);
