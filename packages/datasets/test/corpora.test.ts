/** Published collections of text, in small files of their layouts and, where they are there, in their own. */
import { join } from 'node:path';
import { PluginHost, type Dataset, type TextDataset } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import { describe, expect, it } from 'vitest';
import { findCorpus, temporaryFolder } from './helpers.js';

const host = new PluginHost().register(plugin);
const create = (name: string, path: string, options: object = {}, source = name, folder = '.') =>
  host.create('datasets', name, { ...(path !== '' && { path }), ...options }, { source, folder }) as Promise<
    TextDataset & Required<Pick<Dataset, 'passages'>>
  >;

const refusal = (code: string, text: RegExp): unknown =>
  expect.objectContaining({ name: 'InputError', code, message: expect.stringMatching(text) as string });

const lines = (word: string, count: number): string =>
  Array.from({ length: count }, (_, at) => ` ${word} ${at} of a line \n`).join('');

/** Parts between spaces and line ends. */
const words = (text: string): number => text.split(/[ \n]+/).filter((word) => word !== '').length;
const lineEnds = (text: string): number => text.split('\n').length - 1;

describe('ptb', () => {
  const files = {
    'ptb.train.txt': lines('a', 9),
    'ptb.valid.txt': lines('b', 3),
    'ptb.test.txt': lines('c', 2),
  };

  it('is three files, as they are, beside or in simple-examples', async () => {
    for (const below of ['', 'data/', 'simple-examples/data/']) {
      const moved = Object.fromEntries(Object.entries(files).map(([name, text]) => [below + name, text]));
      const dataset = await create('ptb', temporaryFolder(moved));
      expect(await dataset.split('train')).toEqual({ text: files['ptb.train.txt'], origin: 'official' });
      expect(await dataset.split('validation')).toEqual({ text: files['ptb.valid.txt'], origin: 'official' });
      expect(await dataset.split('test')).toEqual({ text: files['ptb.test.txt'], origin: 'official' });
    }
  });

  it('says what is missing', async () => {
    const nowhere = await create('ptb', '', {}, 'ptb', temporaryFolder());
    await expect(nowhere.split('train')).rejects.toEqual(
      refusal('dataset-missing', /Get ptb\.train\.txt, .*dataset\.path=FOLDER/s),
    );
    const { 'ptb.valid.txt': _, ...two } = files;
    const without = await create('ptb', temporaryFolder(two));
    await expect(without.split('train')).rejects.toEqual(
      refusal('dataset-files-unmatched', /"ptb\.valid\.txt"; it holds ptb\.test\.txt/),
    );
    const empty = await create('ptb', temporaryFolder({ ...files, 'ptb.test.txt': '\n' }));
    await expect(empty.split('test')).rejects.toEqual(refusal('dataset-empty', /ptb\.test\.txt/));
  });

  it('is a folder of its name where nothing else is said', async () => {
    const folder = temporaryFolder(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`ptb/${name}`, text])),
    );
    const dataset = await create('ptb', '', {}, 'ptb', folder);
    expect((await dataset.split('test')).text).toBe(files['ptb.test.txt']);
  });
});

describe('tiny-shakespeare', () => {
  it('is cut nine to one, and the rest in two', async () => {
    const text = `${'To be, or not to be.\n'.repeat(20)}\n`.repeat(40);
    const dataset = await create('tiny-shakespeare', temporaryFolder({ 'input.txt': text }));
    const [train, validation, test] = await Promise.all([
      dataset.split('train'),
      dataset.split('validation'),
      dataset.split('test'),
    ]);
    expect(train.text + validation.text + test.text).toBe(text);
    expect(Math.abs(train.text.length / text.length - 0.9)).toBeLessThan(0.03);
    expect([train, validation, test].map(({ origin }) => origin)).toEqual(['derived', 'derived', 'derived']);
  });

  const corpus = findCorpus('tinyshakespeare');
  it.skipIf(!corpus)('has the published counts', async () => {
    const dataset = await create('tiny-shakespeare', corpus as string);
    const texts = await Promise.all(
      (['train', 'validation', 'test'] as const).map((one) => dataset.split(one)),
    );
    const whole = texts.map(({ text }) => text).join('');
    expect([whole.length, lineEnds(whole), new Set(whole).size]).toEqual([1_115_394, 40_000, 65]);
    // Customary: the first 1,003,854 characters.
    expect(Math.abs((texts[0]?.text.length ?? 0) - 1_003_854)).toBeLessThan(1000);
  });
});

describe('one-billion-word', () => {
  const training = (shard: string): string =>
    `training-monolingual.tokenized.shuffled/news.en-${shard}-of-00100`;
  const heldOut = (shard: string): string =>
    `heldout-monolingual.tokenized.shuffled/news.en.heldout-${shard}-of-00050`;
  const archive = {
    [training('00001')]: 'One .\n',
    [training('00002')]: 'Two .',
    [training('00003')]: 'Three .\n',
    [training('00004')]: 'Four .\n',
    [heldOut('00000')]: 'Tested .\n',
    [heldOut('00001')]: 'Validated .\n',
    [heldOut('00002')]: 'Unread .\n',
  };

  it('takes the customary shards, line by line', async () => {
    for (const below of ['', '1-billion-word-language-modeling-benchmark-r13output/']) {
      const moved = Object.fromEntries(Object.entries(archive).map(([name, text]) => [below + name, text]));
      const dataset = await create('one-billion-word', temporaryFolder(moved));
      expect(await dataset.split('train')).toEqual({ text: 'One .\nTwo .\nThree .\n', origin: 'official' });
      expect(await dataset.split('validation')).toEqual({ text: 'Validated .\n', origin: 'official' });
      expect(await dataset.split('test')).toEqual({ text: 'Tested .\n', origin: 'official' });
    }
  });

  it('takes the files that options name, and no file twice', async () => {
    const folder = temporaryFolder(archive);
    const chosen = { train: ['*-00004-of-00100', training('00001')], test: '*heldout-00002*' };
    const dataset = await create('one-billion-word', folder, chosen);
    expect((await dataset.split('train')).text).toBe('Four .\nOne .\n');
    expect((await dataset.split('test')).text).toBe('Unread .\n');
    const twice = await create('one-billion-word', folder, { train: '*' });
    await expect(twice.split('train')).rejects.toEqual(
      refusal('dataset-files-unmatched', /is named for the train split and for the validation split/),
    );
  });

  const corpus = findCorpus('one-billion-word');
  it.skipIf(!corpus)('reads held-out shards 10 to 13 unchanged', async () => {
    const files = { train: '*.dev.tokens', validation: '*.dev.tokens', test: '*.test.tokens' };
    const twice = await create('one-billion-word', corpus as string, files);
    await expect(twice.split('train')).rejects.toEqual(refusal('dataset-files-unmatched', /for the train/));
    const dataset = await create('text', corpus as string, { train: '*.dev.tokens', test: '*.test.tokens' });
    const { text } = await dataset.split('test');
    expect([lineEnds(text), words(text)]).toEqual([12_105, 306_181]);
    const dev = (await dataset.split('train')).text + (await dataset.split('validation')).text;
    expect([lineEnds(dev), words(dev)]).toEqual([12_216, 310_490]);
  });
});

describe('lambada', () => {
  const files = {
    'lambada_development_plain_text.txt': Array.from(
      { length: 20 },
      (_, at) => `passage ${at} ends here\n`,
    ).join(''),
    'lambada_test_plain_text.txt': 'she said yes\nhe said no\n',
    'lambada_test.jsonl': '{"text": "\\"Yes,\\" she said.\\n\\nShe said yes"}\n{"text": "He said no"}\n',
    'train-novels/Adventure/one.txt': 'It began .\nIt ended .\n',
    'train-novels/Romance/two.txt': 'They met .\n',
  };

  it('trains on novels, and has passages to be finished', async () => {
    const dataset = await create('lambada', temporaryFolder(files));
    expect(await dataset.split('train')).toEqual({
      text: 'It began .\nIt ended .\n\nThey met .\n',
      origin: 'official',
    });
    expect((await dataset.passages('validation')).passages.length).toBe(20);
    expect(await dataset.passages('test')).toEqual({
      passages: ['she said yes', 'he said no'],
      origin: 'official',
    });
    expect((await dataset.split('test')).text).toBe(files['lambada_test_plain_text.txt']);
    const openai = await create('lambada', temporaryFolder(files), { test: 'openai' });
    expect((await openai.passages('test')).passages).toEqual([
      '"Yes," she said.\n\nShe said yes',
      'He said no',
    ]);
  });

  it('trains on passages for development only where that is asked for', async () => {
    const { 'train-novels/Adventure/one.txt': _, 'train-novels/Romance/two.txt': __, ...few } = files;
    const folder = temporaryFolder(few);
    await expect((await create('lambada', folder)).split('train')).rejects.toEqual(
      refusal('dataset-missing', /no train-novels .*dataset\.train=development/s),
    );
    const dataset = await create('lambada', folder, { train: 'development' });
    const [train, held] = [await dataset.passages('train'), await dataset.passages('validation')];
    expect([train.origin, held.origin]).toEqual(['derived', 'derived']);
    expect(held.passages.length).toBe(2);
    expect([...train.passages, ...held.passages].sort()).toEqual(
      files['lambada_development_plain_text.txt'].trim().split('\n').sort(),
    );
  });

  it('refuses lines that are no passage', async () => {
    const wrong: readonly [string, RegExp][] = [
      ['{"text": "one two"}\nno json\n', /line 2 of lambada_test\.jsonl.*no JSON object/s],
      ['{"words": "one two"}\n', /line 1 .*no JSON object with a text/s],
      ['{"text": "alone"}\n', /line 1 .*fewer than two words/s],
      [`${'['.repeat(200)}\n`, /line 1 .*no JSON object/s],
    ];
    for (const [text, found] of wrong) {
      const dataset = await create('lambada', temporaryFolder({ ...files, 'lambada_test.jsonl': text }), {
        test: 'openai',
      });
      await expect(dataset.passages('test')).rejects.toEqual(refusal('dataset-invalid', found));
    }
  });

  const corpus = findCorpus('lambada');
  it.skipIf(!corpus)('has the published counts', async () => {
    const options = { train: 'development' };
    const dataset = await create('lambada', corpus as string, options);
    const { passages } = await dataset.passages('test');
    expect([passages.length, words(passages.join('\n'))]).toEqual([5153, 379_883]);
    const all = [
      ...(await dataset.passages('train')).passages,
      ...(await dataset.passages('validation')).passages,
    ];
    expect([all.length, words(all.join('\n'))]).toEqual([4869, 360_944]);
    const openai = await create('lambada', corpus as string, { ...options, test: 'openai' });
    const others = (await openai.passages('test')).passages;
    expect(others.length).toBe(5153);
    const lastOf = (passage: string): string =>
      (passage.split(/\s/).at(-1) ?? '').toLowerCase().replace(/^[!-/:-@[-`{-~]+|[!-/:-@[-`{-~]+$/g, '');
    const agreeing = others.filter((passage, at) => lastOf(passage) === lastOf(passages[at] as string));
    expect(agreeing.length).toBe(5133);
  });
});

describe('wikitext-2 and wikitext-103', () => {
  it.each(['wikitext-2', 'wikitext-103'])('%s is a folder in that layout', async (name) => {
    const folder = temporaryFolder({
      'wiki.train.tokens': lines('a', 5),
      'wiki.valid.tokens': lines('b', 2),
      'wiki.test.tokens': lines('c', 2),
    });
    const dataset = await create(name, folder);
    expect(dataset.name).toBe(name);
    expect(await dataset.split('train')).toEqual({ text: lines('a', 5), origin: 'official' });
    await expect((await create(name, join(folder, 'none'))).split('train')).rejects.toEqual(
      refusal('dataset-missing', /wiki\.train\.tokens/),
    );
  });

  const corpus = findCorpus('wikitext-2');
  it.skipIf(!corpus)('wikitext-2 has the published counts', async () => {
    const dataset = await create('wikitext-2', corpus as string);
    const counts = async (split: 'train' | 'validation' | 'test'): Promise<number> => {
      const { text } = await dataset.split(split);
      return words(text) + lineEnds(text);
    };
    expect([await counts('train'), await counts('validation'), await counts('test')]).toEqual([
      2_088_628, 217_646, 245_569,
    ]);
  });
});
