/** A dataset of one file, cut in three, and what can be wrong with one. */
import { appendFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  defineDataset,
  definePlugin,
  InputError,
  type TextDataset,
  type DatasetContext,
  type Plugin,
  type SplitName,
} from '@ligature/core';
import type { CheckDatasetOptions } from '@ligature/testing';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = {
  share: z.number().min(0.05).max(0.4).default(0.1).describe('share that is held out, twice'),
};
const options = z.strictObject(fields);

async function cut({ source, folder }: DatasetContext, share: number): Promise<Record<SplitName, string>> {
  const text = await readFile(resolve(folder, source), 'utf8').catch((cause: unknown) => {
    throw new InputError(
      'dataset-missing',
      { asked: `Read ${source}`, found: 'no file', todo: 'Check the path' },
      { cause },
    );
  });
  const [first, second] = [Math.floor(text.length * (1 - 2 * share)), Math.floor(text.length * (1 - share))];
  return { train: text.slice(0, first), validation: text.slice(first, second), test: text.slice(second) };
}

interface Inside {
  readonly good: TextDataset;
  readonly context: DatasetContext;
}
type Change = (inside: Inside) => Partial<TextDataset>;

function datasetPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    datasets: {
      [NAME]: defineDataset({
        meta: { summary: 'One file', options, ...meta },
        create({ share }: z.output<typeof options>, context) {
          const good: TextDataset = {
            name: 'file',
            description: 'One file',
            split: async (name) => ({ text: (await cut(context, share))[name], origin: 'derived' }),
          };
          return { ...good, ...change({ good, context }) };
        },
      }),
    },
  });
}

export const goodDataset = datasetPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckDatasetOptions>, 'also' | 'only'> & { readonly timeoutSeconds?: number } = {},
): Violator<CheckDatasetOptions> => ({ rule, fault, found, plugin: datasetPlugin(change), ...more });

const splitThen =
  (then: (text: string, name: SplitName, inside: Inside) => string | Promise<string>): Change =>
  (inside) => ({
    async split(name) {
      const { text, origin } = await inside.good.split(name);
      return { text: await then(text, name, inside), origin };
    },
  });

export const datasetViolators: readonly (Violator<CheckDatasetOptions> & {
  readonly timeoutSeconds?: number;
})[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: datasetPlugin(undefined, meta) })),
  violator('creates', 'has no description', /its description is ""/, () => ({ description: '' })),
  violator(
    'plays-through',
    'fails for the test split',
    /split\("test"\) was rejected with TypeError: boom/,
    splitThen((text, name) => {
      if (name === 'test') throw new TypeError('boom');
      return text;
    }),
  ),
  violator(
    'answers',
    'never answers',
    /split\("train"\) gave no answer/,
    () => ({ split: () => new Promise(() => undefined) }),
    {
      timeoutSeconds: 0.3,
      only: ALONE,
    },
  ),
  violator(
    'splits',
    'gives an empty split',
    /split\("validation"\) gave/,
    splitThen((text, name) => (name === 'validation' ? '' : text)),
  ),
  violator('splits', 'gives a bare text', /split\("train"\) gave "Line/, ({ good }) => ({
    split: async (name) => (await good.split(name)).text as never,
  })),
  violator(
    'well-formed',
    'cuts a pair of surrogates in two',
    /the train split has a lone surrogate at/,
    splitThen((text, name) => (name === 'train' ? `${text}${'🐋'.slice(0, 1)}` : text)),
  ),
  violator(
    'disjoint',
    'trains on everything',
    /passages of the validation split are in the train split/,
    ({ context }) => ({
      async split(name) {
        const splits = await cut(context, 0.1);
        return { text: name === 'train' ? Object.values(splits).join('') : splits[name], origin: 'derived' };
      },
    }),
  ),
  violator('deterministic', 'gives less each time', /asked again/, ({ good }) => {
    let asked = 0;
    return {
      async split(name) {
        const { text, origin } = await good.split(name);
        asked += 1;
        return { text: text.slice(asked), origin };
      },
    };
  }),
  violator(
    'missing-refused',
    'ends in the error of the file system',
    /a missing text ended in Error: ENOENT/,
    ({ context }) => ({
      async split(name) {
        const text = await readFile(resolve(context.folder, context.source), 'utf8');
        const third = Math.floor(text.length / 3);
        const at = ['train', 'validation', 'test'].indexOf(name);
        return { text: text.slice(at * third, (at + 1) * third), origin: 'derived' };
      },
    }),
  ),
  violator(
    'missing-refused',
    'makes up a text of its own',
    /from a folder that is empty it read "nothing/,
    ({ good }) => ({
      split: (name) => good.split(name).catch(() => ({ text: `nothing to ${name}`, origin: 'derived' })),
    }),
  ),
  violator(
    'reads-only',
    'writes a note beside the text',
    /the digest of note.txt/,
    splitThen(async (text, _, { context }) => {
      await appendFile(resolve(context.folder, 'note.txt'), 'read');
      return text;
    }),
  ),
  violator(
    'no-math-random',
    'draws its lines',
    /Math.random\(\)/,
    splitThen((text) => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return text;
    }),
  ),
  violator(
    'no-clock',
    'reads the year',
    /new Date\(\)/,
    splitThen((text) => {
      void (Reflect.construct(Date, []) as Date);
      return text;
    }),
  ),
];
