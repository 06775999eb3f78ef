/** Trials of a study that are set beside each other had the same data, also when their text is edited in between. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settleConfig, type Executor, type TrialOrder } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { environment, tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import { folderStore, inProcess, planTrials, runTrials, type TrialsOutcome } from '../src/index.js';

interface Place {
  readonly ran: string[];
  readonly failures: { readonly id: string; readonly code: string; readonly message: string }[];
  readonly ids: readonly string[];
  /** Edits the text, within one of its splits. */
  edit(was: string, is: string): void;
  lose(id: string): void;
  /**
   * @param before what happens before a trial is run
   * @param heed what the executor takes of an order
   */
  go(
    resumed: boolean,
    before?: (id: string) => void,
    heed?: (order: TrialOrder) => TrialOrder,
  ): Promise<TrialsOutcome>;
}

async function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const config = tinyConfig(folder, {
      training: { steps: 1, batch: 2 },
      evaluation: { every: 1, batches: 1, evaluators: [] },
      compare: { controllers: ['none', 'all-tied'], seeds: 2, parallel: 1 },
    });
    const trials = planTrials(config);
    const study = join(folder, 'study');
    const store = folderStore(study);
    const env = environment(folder);
    const [ran, failures]: [string[], Place['failures']] = [[], []];
    const text = join(folder, 'text.txt');
    await use({
      ...{ ran, failures, ids: trials.map(({ id }) => id) },
      edit(was, is) {
        const before = readFileSync(text, 'utf8');
        expect(before).toContain(was);
        writeFileSync(text, before.replace(was, is));
      },
      lose: (id) => rmSync(join(study, id), { recursive: true }),
      go(resumed, before, heed = (order) => order) {
        const inner = inProcess({ ...env, store, cacheFolder: env.cacheFolder });
        const run: Executor['run'] = (order, on, stop) => {
          before?.(order.id);
          ran.push(order.id);
          return inner.run(heed(order), on, stop);
        };
        return runTrials({
          ...{ trials, store, resumed, executor: { run } },
          settle: (one) => settleConfig(one, env.host),
          onFailure: ({ id }, error) => {
            const { code, message } = error as Error & { code: string };
            failures.push({ id, code, message });
          },
        });
      },
    });
  });
}

const EDITS: [string, string, string][] = [
  ['train', 'Line 3 says', 'Line 3 sayz'],
  ['validation', 'Line 55 says', 'Line 55 sayz'],
  ['test', 'Line 59 says', 'Line 59 sayz'],
];

describe('a study whose text was edited', () => {
  it.each(EDITS)(
    'in its %s split does not train further trials on it',
    async (split, was, is) => {
      await inPlace(async ({ go, edit, lose, failures, ids, ran }) => {
        expect((await go(false)).finished).toHaveLength(4);
        lose(ids[0]!);
        edit(was, is);
        ran.length = 0;
        const { finished, failed } = await go(true);
        // Known from those that come after it in the plan.
        expect(failures).toMatchObject([{ id: ids[0], code: 'run-data-changed' }]);
        expect(failures[0]?.message).toContain(
          `its data (${split}) is not what the other trials of the study had`,
        );
        expect([finished.length, failed.length, ran]).toEqual([3, 1, [ids[0]]]);
        edit(is, was);
        expect((await go(true)).finished).toHaveLength(4);
      });
    },
    60_000,
  );

  it('while it ran sets no trial of the new text beside those of the old one', async () => {
    await inPlace(async ({ go, edit, failures, ids }) => {
      const { finished } = await go(false, (id) => {
        if (id === ids[2]) edit('Line 59 says', 'Line 59 sayz');
      });
      expect(finished.map(({ trial }) => trial.id)).toEqual(ids.slice(0, 2));
      expect(failures.map(({ id, code }) => [id, code])).toEqual(
        ids.slice(2).map((id) => [id, 'run-data-changed']),
      );
    });
  }, 60_000);

  it('is refused also where an executor does not look at what was ordered', async () => {
    await inPlace(async ({ go, edit, lose, failures, ids }) => {
      await go(false);
      lose(ids[3]!);
      edit('Line 59 says', 'Line 59 sayz');
      await go(true, undefined, ({ digests: _unseen, ...order }) => order);
      expect(failures).toMatchObject([{ id: ids[3], code: 'run-data-changed' }]);
      expect(failures[0]?.message).toContain('the data of the two (test) is not the same');
    });
  }, 60_000);
});

describe('a study of which one trial was measured on a part of the splits', () => {
  it('does not set it beside the others', async () => {
    await inPlace(async ({ go, lose, failures, ids }) => {
      await go(false);
      lose(ids[3]!);
      await go(true, undefined, ({ config, ...order }) => {
        const final = { ...config.evaluation.final, batches: 1 };
        return { ...order, config: { ...config, evaluation: { ...config.evaluation, final } } };
      });
      expect(failures).toMatchObject([{ id: ids[3], code: 'measured-mixed' }]);
      expect(failures[0]?.message).toContain('the other on some of their batches');
    });
  }, 60_000);
});
