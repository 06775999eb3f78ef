/** Names of files to splits: every usual spelling is recognised, and whatever nearly says splits is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recogniseSplits } from '../src/sources/split-files.js';

const spellings = {
  train: ['train', 'training', 'trn', 'Train', 'TRAINING', 'trainset'],
  validation: ['valid', 'validation', 'val', 'dev', 'eval', 'Val', 'DEV', 'Validation', 'devset'],
  test: ['test', 'testing', 'tst', 'Test', 'TST', 'testset'],
};
const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const words = fc.record({
  train: oneOf(spellings.train),
  validation: oneOf(spellings.validation),
  test: oneOf(spellings.test),
});

/** How the word of a split becomes paths. */
const shapes: Readonly<Record<string, (word: string, ending: string) => string[]>> = {
  'a file': (word, ending) => [`${word}${ending}`],
  'a file in a folder': (word, ending) => [`data/${word}${ending}`],
  'a file with a prefix': (word, ending) => [`ptb.${word}${ending}`],
  'a file with a prefix and a number': (word, ending) => [`wikitext-2_${word}${ending}`],
  'a file with more behind it': (word, ending) => [`${word}_data.en${ending}`],
  parts: (word, ending) => [0, 1].map((at) => `${word}-0000${at}-of-00002${ending}`),
  'numbered parts': (word, ending) => [1, 2, 10].map((at) => `my_${word}.part${at}${ending}`),
  'a folder': (word) => [`${word}/a.txt`, `${word}/sub/b.md`],
  'a folder of parts': (word, ending) => [`texts/${word}/${word}-1${ending}`, `texts/${word}/x${ending}`],
};
const shape = oneOf(Object.keys(shapes));
const ending = oneOf(['.txt', '.TXT', '.text', '.md', '.raw', '.tokens']);

describe('recogniseSplits', () => {
  it('recognises usual spellings, whatever is left out, in any order', () => {
    const held = oneOf([['validation', 'test'], ['validation'], ['test'], []] as const);
    fc.assert(
      fc.property(words, shape, ending, held, fc.boolean(), (word, form, end, others, isAbout) => {
        const paths = (split: keyof typeof word): string[] =>
          (shapes[form] as (typeof shapes)[string])(word[split], end);
        const files = {
          train: paths('train'),
          validation: others.includes('validation' as never) ? paths('validation') : [],
          test: others.includes('test' as never) ? paths('test') : [],
          leftOut: isAbout ? ['README.md'] : [],
        };
        const all = [...files.leftOut, ...files.test, ...files.train, ...files.validation];
        expect(recogniseSplits(all)).toEqual({ kind: 'splits', files });
      }),
      { numRuns: 400 },
    );
  });

  it('never takes what is called a test for training', () => {
    // Any mixture of names, none of which may lead test text into the training split.
    const names = oneOf([
      ...Object.values(spellings).flat(),
      ...[
        'corpus',
        'corpus-test',
        'held-out',
        'train2',
        'train-test',
        'testTrain',
        'notes',
        'test_v2',
        'x.dev',
      ],
    ]);
    const path = fc
      .tuple(oneOf(['', 'a/', 'test/', 'train/']), names, oneOf(['.txt', '.md', '.raw', '.jsonl']))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 6 }), (paths) => {
        const found = recogniseSplits(paths);
        const saysHeldOut = (one: string): boolean =>
          /(^|[^a-z])(test|tst|testing|testset|held)/i.test(one) && !one.endsWith('.jsonl');
        if (found.kind === 'none')
          expect(paths.filter((one) => /\.(txt|md)$/.test(one)).some(saysHeldOut)).toBe(false);
        if (found.kind === 'splits') {
          expect(found.files.train.some(saysHeldOut)).toBe(false);
          expect(found.files.validation.some(saysHeldOut)).toBe(false);
          const read = [...found.files.train, ...found.files.validation, ...found.files.test];
          expect(new Set(read).size).toBe(read.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['chapters', ['01.txt', '02.txt', 'README.md']],
    [
      'words that only begin or end like a split',
      [
        'contest.md',
        'trainer.txt',
        'device.md',
        'testament.txt',
        'latest.txt',
        'valley.md',
        'evaluate.txt',
        'retrain.md',
      ],
    ],
    ['a program beside texts', ['a.txt', 'test.py', 'b.txt']],
    ['a picture of that ending beside texts', ['a.txt', 'photo.raw']],
  ])('finds nothing said of splits in %s', (_what, paths) => {
    expect(recogniseSplits(paths)).toEqual({ kind: 'none' });
  });

  it.each([
    [
      'no word of a split in one of them',
      ['train.txt', 'holdings.txt'],
      /train\.txt says a split, that of holdings\.txt none/,
    ],
    [
      'a word that may be either',
      ['train.txt', 'holdout.txt'],
      /holdout\.txt: the name says something of splits/,
    ],
    [
      'the same in two words',
      ['corpus.txt', 'corpus-held-out.txt'],
      /corpus-held-out\.txt: the name says something of splits/,
    ],
    [
      'two files for validation',
      ['train.txt', 'val.txt', 'valid.txt', 'test.txt'],
      /val\.txt, valid\.txt are all named as the validation split/,
    ],
    [
      'two files for training in other letters',
      ['Train.txt', 'train.txt', 'test.txt'],
      /Train\.txt, train\.txt are all named/,
    ],
    [
      'two files for testing in other endings',
      ['train.txt', 'test.txt', 'test.md'],
      /test\.txt, test\.md are all named/,
    ],
    [
      'a file and a folder for training',
      ['train.txt', 'train/a.txt', 'test.txt'],
      /are all named as the train split/,
    ],
    ['a file and parts of it', ['train.txt', 'train-1.txt', 'test.txt'], /are all named as the train split/],
    [
      'a part that is missing',
      ['train-00000-of-00003.txt', 'train-00002-of-00003.txt', 'test.txt'],
      /are not all the 3 parts of the train split/,
    ],
    [
      'no text for training',
      ['valid.txt', 'test.txt'],
      /no name says which text is for training; .*valid\.txt, test\.txt/,
    ],
    [
      'only a test beside a text',
      ['corpus.txt', 'corpus_test.txt'],
      /no name says which text is for training; .*corpus_test\.txt/,
    ],
    ['two ways to name', ['wiki.train.txt', 'test.txt'], /name splits in different ways/],
    [
      'the splits of two languages',
      ['en/train.txt', 'en/test.txt', 'de/train.txt', 'de/test.txt'],
      /different ways/,
    ],
    [
      'two splits in one name',
      ['train.txt', 'train-test.txt'],
      /train-test\.txt: the name says something of splits/,
    ],
    [
      'a split in the folder of another',
      ['train/a.txt', 'train/test.txt'],
      /train\/test\.txt: the name says something of splits/,
    ],
    [
      'a test in another format',
      ['train.txt', 'test.jsonl'],
      /test\.jsonl is named as a split, and is no text file/,
    ],
  ])('refuses %s, and says which', (_what, paths, found) => {
    expect(recogniseSplits(paths)).toEqual({ kind: 'unclear', found: expect.stringMatching(found) });
  });

  it('leaves out what says nothing where all three splits are there', () => {
    expect(recogniseSplits(['notes.txt', 'test.txt', 'train.txt', 'valid.txt'])).toMatchObject({
      files: { leftOut: ['notes.txt'] },
    });
  });
});
