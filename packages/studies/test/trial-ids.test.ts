/** No two trials share a folder, and what was kept under an earlier name is found. */
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRandomStream,
  runConfigSchema,
  type Choice,
  type PlannedTrial,
  type RunConfigInput,
  type Study,
} from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { environment, tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import {
  assertDistinct,
  conductStudy,
  folderStore,
  inProcess,
  plannedAnew,
  planTrials,
  plugin as studies,
  trialId,
  trialIds,
} from '../src/index.js';

const SEEDS = [1, 2];
const trialsOf = (labels: readonly string[], idOf = trialIds(labels)): PlannedTrial[] =>
  labels.flatMap((label) =>
    SEEDS.map((seed) => ({ id: idOf(label, seed), label, seed, config: runConfigSchema.parse({ seed }) })),
  );

describe('ids of the labels of a study', () => {
  it.each<[string, string[]]>([
    ['differ only in what is replaced', ['a b', 'a-b', 'a/b', 'a:b', 'a--b', '-a-b-', 'ä-a-b']],
    ['differ only in case', ['Cycle', 'cycle', 'CYCLE', 'cYcLe:a=B', 'cycle:a=b']],
    [
      'are nothing that names a folder',
      ['', '-', '模型', 'модель', '---', '...', '.', '..', '= =', '🙂', '🙃'],
    ],
    [
      'are long, and agree in their first letters',
      ['x'.repeat(80), 'x'.repeat(81), 'x'.repeat(500), `${'x'.repeat(500)}y`],
    ],
    [
      'are devices of Windows',
      ['con', 'CON', 'con.x', 'nul.txt', 'com1', 'lpt9.a.b', 'aux.', 'prn:a=1', 'con-x'],
    ],
    ['end in points', ['a.', 'a..', 'a', '.a', 'a .']],
    ['would leave the folder', ['../x', '..\\x', '/etc', 'x', '~', 'c:\\x']],
    ['are files of the study', ['plan.json', 'start', 'run.lock', 'tie-maps', 'report.html', 'outcome.json']],
  ])('are distinct and fit everywhere when labels %s', (_what, labels) => {
    const trials = trialsOf(labels);
    expect(() => assertDistinct(trials)).not.toThrow();
    for (const { id } of trials) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9.=_-]{0,99}$/);
  });

  it('are distinct for any labels', () => {
    const random = createRandomStream(5, 'labels');
    const letters = ['a', 'A', 'b', '-', ' ', '/', '.', '=', ':', '_', 'é', '"', 'con', '[1,2]', '0-0-1-'];
    const label = (): string =>
      Array.from({ length: random.integer(0, 60) }, () => letters[random.integer(0, letters.length)]).join(
        '',
      );
    for (let round = 0; round < 50; round += 1) {
      const labels = [...new Set(Array.from({ length: 20 }, label))];
      expect(() => assertDistinct(trialsOf(labels))).not.toThrow();
    }
  });

  it('stay what they are when a study grows', () => {
    const labels = ['a b', 'c', 'a-b', 'a/b'];
    const idOf = trialIds(labels);
    const grown = trialIds([...labels, 'A b', 'd']);
    for (const label of labels) expect(grown(label, 3)).toBe(idOf(label, 3));
    expect(idOf('a b', 3)).toBe(trialId('a b', 3));
  });

  it.each([
    'con',
    'Nul.x-seed-1',
    'a.',
    'plan.json',
    'run.lock',
    'run.lock.x',
    'tie-maps',
    'start',
    '-a',
    'a/b',
    '..',
  ])('of a plug-in that are no names everywhere are refused: %s', (id) => {
    const trial = { id, label: 'x', seed: 1, config: runConfigSchema.parse({}) };
    expect(() => assertDistinct([trial])).toThrow(/cannot name a folder everywhere/);
  });
});

describe('trials that are one run', () => {
  const host = environment('.').host;
  host.register(studies);
  const compared = (controllers: Choice[], over: RunConfigInput = {}): (() => unknown) => {
    const study = { plan: planTrials } as unknown as Study;
    const config = runConfigSchema.parse({ ...over, compare: { controllers, ...over.compare } });
    return () => plannedAnew(study, config, host);
  };
  const learner = (options: Record<string, unknown>): Choice => ({ name: 'q-learning', options });

  it.each<[string, Choice[]]>([
    [
      'fields in another order',
      [learner({ decide: 'all', doubleQ: true }), learner({ doubleQ: true, decide: 'all' })],
    ],
    [
      'fields within fields in another order',
      [learner({ replay: { capacity: 9, batch: 2 } }), learner({ replay: { batch: 2, capacity: 9 } })],
    ],
    ['a default written out', [learner({}), learner({ doubleQ: false })]],
    [
      '1000 and 1e3',
      [learner({ replay: { capacity: 1000, batch: 2 } }), learner({ replay: { capacity: 1e3, batch: 2 } })],
    ],
    [
      'a map and its text',
      [
        { name: 'map', options: { map: [0, 0] } },
        { name: 'map', options: { map: '0-0' } },
      ],
    ],
  ])('are refused: %s', (_what, controllers) => {
    expect(compared(controllers)).toThrow(/is the very same run|is listed twice/);
  });

  it('are no others: other options, seeds, maps', () => {
    expect(compared([learner({}), learner({ doubleQ: true }), { name: 'none', options: {} }])).not.toThrow();
    expect(compared([learner({})], { compare: { seeds: [1, 2, 3] } })).not.toThrow();
    expect(compared([learner({})], { compare: { seeds: [1, 2, 1] } })).toThrow(/1 is listed twice/);
  });
});

describe('a study of an earlier version', () => {
  it('goes on with the folders that it has, cut without a digest, also where two trials shared one', async () => {
    await withFolder(async (folder) => {
      const map = (last: number): Choice => ({
        name: 'map',
        options: { map: [...Array.from({ length: 41 }, () => 0), last] },
      });
      const config = tinyConfig(folder, {
        model: { layers: 42, width: 4, heads: 1, context: 4 },
        training: { steps: 1, batch: 1 },
        evaluation: { every: 1, batches: 1, evaluators: [] },
        compare: { controllers: [map(0), map(41)], parallel: 1 },
      });
      const env = environment(folder);
      env.host.register(studies);
      const place = join(folder, 'study');
      const ran: string[] = [];
      const executor = (): Parameters<typeof conductStudy>[0]['executor'] => {
        const inner = inProcess({ ...env, store: folderStore(place), cacheFolder: env.cacheFolder });
        return {
          run: (order, on, stop) => {
            ran.push(order.id);
            return inner.run(order, on, stop);
          },
        };
      };
      const conduct = (resumed: boolean): Promise<{ result: unknown }> =>
        conductStudy({
          ...{ name: 'comparison', config, settings: {}, host: env.host, folder: place, resumed },
          executor: executor(),
        });
      const { result } = await conduct(false);
      const ids = planTrials(config).map(({ id }) => id);
      expect(ran).toEqual(ids);
      ran.length = 0;

      // As it was: the second trial wrote over the first one.
      const cut = `${planTrials(config)[0]!.label.slice(0, 80)}-seed-1`;
      renameSync(join(place, ids[1]!), join(place, cut));
      renameSync(join(place, ids[0]!), join(folder, 'gone'));
      const again = await conduct(true);
      expect(ran).toEqual([ids[0]]);
      expect(existsSync(join(place, ids[1]!))).toBe(false);
      const losses = ({ trials }: { trials: { losses: unknown }[] }): unknown =>
        trials.map((one) => one.losses);
      expect(losses(again.result as never)).toEqual(losses(result as never));
      expect((again.result as { ids: string[] }).ids).toEqual([ids[0], cut]);
      expect(readdirSync(place)).not.toContain(ids[1]);
    });
  }, 60_000);
});
