/**
 * LAMBADA (Paperno et al. 2016, arXiv 1606.06031): passages whose last word can be told from all of the passage and not from
 * its last sentence. The original files have one passage a line, in lower case and words; OpenAI's (Radford et al. 2019)
 * is the running text of the same test passages.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  DatasetContext,
  LongText,
  Passages,
  Split,
  SplitFiles,
  SplitName,
  TextDataset,
} from '@ligature/core';
import { parseJson, spreadOver } from '@ligature/core';
import { z } from 'zod';
import { heldText, longSplits } from '../long/long-splits.js';
import { once } from '../once.js';
import { datasetError } from '../sources/errors.js';
import { listOwnFiles, readInside, readTogether } from '../sources/files.js';
import { pathOption, placeOf, type Place } from './corpus.js';

const DEVELOPMENT = 'lambada_development_plain_text.txt';
const TEST = { plain: 'lambada_test_plain_text.txt', openai: 'lambada_test.jsonl' };
const NOVELS = 'train-novels';

export const lambadaOptionsSchema = z.strictObject({
  path: pathOption(`The folder with ${DEVELOPMENT}, ${TEST.plain} or ${TEST.openai}, and ${NOVELS}`),
  test: z
    .enum(['plain', 'openai'])
    .default('plain')
    .describe("the original passages, in lower case and words; or OpenAI's running text of the same"),
  train: z
    .enum(['novels', 'development'])
    .default('novels')
    .describe(
      `what to train on: the text files of ${NOVELS}; or nine tenths of the passages for development, of which the rest validate`,
    ),
});

type LambadaOptions = z.output<typeof lambadaOptionsSchema>;

/** Of the passages for development. */
const HELD_OUT = 0.1;

/**
 * A text to train on, and passages to be finished.
 *
 * @throws InputError on the first split: `dataset-missing`, `dataset-invalid` for a line that is no
 *   passage
 */
export function createLambada(
  options: LambadaOptions,
  context: DatasetContext,
): TextDataset & { passages(name: SplitName): Promise<Passages> } {
  const place = placeOf(options, context, `${DEVELOPMENT}, ${TEST.plain} and ${NOVELS}`);
  const development = once(async () => linesOf(await readOwn(place, DEVELOPMENT), place, DEVELOPMENT));
  const test = once(async () => {
    const file = TEST[options.test];
    const text = await readOwn(place, file);
    return options.test === 'plain' ? linesOf(text, place, file) : documentsOf(text, place, file);
  });
  const heldOut = once(async () => {
    const all = await development();
    return new Set(spreadOver(Math.max(1, Math.round(HELD_OUT * all.length)), all.length));
  });
  const passages = async (split: SplitName): Promise<Passages> => {
    if (split === 'test') return { passages: await test(), origin: 'official' };
    const all = await development();
    if (options.train === 'novels') {
      if (split === 'validation') return { passages: all, origin: 'official' };
      return { passages: (await novels(place)).split('\n').filter(isFilled), origin: 'official' };
    }
    const held = await heldOut();
    const isWanted = (_: string, at: number): boolean => held.has(at) === (split === 'validation');
    return { passages: all.filter(isWanted), origin: 'derived' };
  };
  return {
    name: 'lambada',
    description: `LAMBADA, passages to be finished by their last word: ${place.where}`,
    files: () => Promise.resolve(filesOf(options)),
    passages,
    async split(split): Promise<Split> {
      if (split === 'train' && options.train === 'novels') {
        return { text: await novels(place), origin: 'official' };
      }
      const { passages: all, origin } = await passages(split);
      return { text: `${all.join('\n')}\n`, origin };
    },
    longText: async (split) =>
      split === 'train' && options.train === 'novels' ? longNovels(place) : undefined,
  };
}

const filesOf = ({ test, train }: LambadaOptions): SplitFiles => ({
  train: [train === 'novels' ? `${NOVELS}/*` : DEVELOPMENT],
  validation: train === 'novels' ? [DEVELOPMENT] : [],
  test: [TEST[test]],
  leftOut: [],
});

const isFilled = (line: string): boolean => line.trim() !== '';

async function readOwn(place: Place, file: string): Promise<string> {
  await place.assertThere();
  const isThere = await stat(join(place.path, file)).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isThere) return readInside(place.path, file);
  return datasetError('dataset-missing', place.where, `it has no ${file}`, `Put ${file} of LAMBADA there`);
}

/** Paths of the novels in their folder. @throws InputError (`dataset-missing`) */
async function novelsOf(
  place: Place,
): Promise<{ readonly folder: string; readonly paths: readonly string[] }> {
  await place.assertThere();
  const folder = join(place.path, NOVELS);
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const files = isThere ? (await listOwnFiles(folder)).map(({ path }) => path) : [];
  const paths = files.filter((path) => path.endsWith('.txt'));
  if (paths.length === 0) {
    datasetError(
      'dataset-missing',
      place.where,
      `it has no ${NOVELS} with text files, which is what LAMBADA trains on`,
      `Unpack ${NOVELS} there, or train on passages for development: --set dataset.train=development`,
    );
  }
  return { folder, paths };
}

async function longNovels(place: Place): Promise<LongText | undefined> {
  const { folder, paths } = await novelsOf(place);
  const long = await longSplits({
    paths: paths.map((path) => join(folder, path)),
    ...{ joining: 'paragraphs', shares: {}, origin: 'official', signal: place.signal },
  });
  return long?.train;
}

async function novels(place: Place): Promise<string> {
  const { folder, paths } = await novelsOf(place);
  const long = await longNovels(place);
  return long ? heldText(long, `${place.where}/${NOVELS}`) : readTogether(folder, paths);
}

/** A passage of one word has nothing before it. */
function linesOf(text: string, place: Place, file: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line, at) => line !== '' && assertPassage(line, place, `line ${at + 1} of ${file}`));
}

function documentsOf(text: string, place: Place, file: string): string[] {
  const schema = z.object({ text: z.string() });
  return text.split('\n').flatMap((line, at) => {
    if (!isFilled(line)) return [];
    const which = `line ${at + 1} of ${file}`;
    const parsed = schema.safeParse(jsonOf(line));
    const passage = parsed.success
      ? parsed.data.text.trim()
      : notPassage(place, which, 'it is no JSON object with a text');
    assertPassage(passage, place, which);
    return [passage];
  });
}

function jsonOf(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

function assertPassage(passage: string, place: Place, which: string): true {
  if (/\S\s+\S/u.test(passage)) return true;
  return notPassage(place, which, 'it has fewer than two words');
}

const notPassage = (place: Place, which: string, found: string): never =>
  datasetError('dataset-invalid', `${place.where} (${which})`, found, 'Get the file again');
