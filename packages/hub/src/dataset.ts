/** A dataset of the Hub: its card and file names say what is which split; the readers of local files read it from the cache. */
import { join } from 'node:path';
import type { Dataset, DatasetContext, PinnedChoice, SplitFiles, SplitName } from '@ligature/core';
import { readPlainFile } from '@ligature/core/node';
import { createGlue, createTable, createTextDataset, GLUE_TASKS, type GlueTask } from '@ligature/datasets';
import type { z } from 'zod';
import type { PinnedRepo } from './cache.js';
import { readCard, type CardConfig } from './card.js';
import { createHub, saysMissing, type Hub, type HubOptions } from './client.js';
import { hubError } from './errors.js';
import type { HubFile } from './listing.js';
import { formatHubName, HUB_PREFIX, parseHubName, readingsOf, type HubName, type Reading } from './name.js';
import { hubOptionsSchema, type HubDatasetOptions } from './options.js';
import { chooseFiles, type ChosenFiles } from './splits.js';

/** A name that was understood, and what is there under it. */
interface Found {
  readonly repo: PinnedRepo;
  readonly config: string | undefined;
  readonly listing: readonly HubFile[];
  readonly chosen: ChosenFiles;
}

const CARD = 'README.md';
const MOST_CARD = 8 * 2 ** 20;
/** Of the benchmark, as the Hub calls its tasks. */
const GLUE_CONFIGS: Readonly<Record<string, GlueTask>> = {
  ...Object.fromEntries(GLUE_TASKS.map((task) => [task.replace('-', ''), task])),
};
const GLUE_REPOS = ['nyu-mll/glue', 'glue'];

/**
 * Nothing is asked before files, a split or the pinned name are.
 *
 * @param surroundings in place of those of the process, for programs and tests
 * @throws InputError (`hub-name-invalid`)
 */
export function createHubDataset(
  given: z.input<typeof hubOptionsSchema>,
  { source, folder, cacheFolder, signal, stage, notice }: DatasetContext,
  surroundings: HubOptions = {},
): Dataset {
  const options = hubOptionsSchema.parse(given);
  const written = options.repo ?? source;
  const name = parseHubName(written);
  const hub = createHub({
    ...{ mirror: options.mirror, offline: options.offline, cacheFolder },
    ...{ signal, onProgress: stage, onNotice: notice },
    ...surroundings,
  });
  const asked = `Read the dataset ${written}`;
  let found: Promise<Found> | undefined;
  const find = (): Promise<Found> => (found ??= findDataset(hub, name, asked));
  let inner: Promise<Dataset> | undefined;
  const open = (): Promise<Dataset> =>
    (inner ??= find().then((one) => openFiles(hub, one, options, asked, folder)));
  const isLabelled = options.label !== undefined || isGlue(name);
  const contents: Pick<Dataset, 'split' | 'labelledTexts'> = isLabelled
    ? { labelledTexts: async (split) => contentOf(await open(), 'labelledTexts', split, asked) }
    : { split: async (split) => contentOf(await open(), 'split', split, asked) };
  return {
    name: 'hub',
    description: `Hugging Face Hub: ${written}`,
    async files() {
      const { repo, config, listing, chosen } = await find();
      return isGlueRepo(repo.id) ? glueFiles(listing, config, options.mismatched) : chosen.files;
    },
    async pinned(): Promise<PinnedChoice> {
      const { repo, config } = await find();
      const pinned = formatHubName({ id: repo.id, ...(config !== undefined && { config }) }, repo.commit);
      return options.repo === undefined && source.startsWith(HUB_PREFIX)
        ? { name: pinned }
        : { options: { repo: pinned } };
    },
    ...contents,
  };
}

const isGlueRepo = (id: string): boolean => GLUE_REPOS.includes(id);
const isGlue = (name: HubName): boolean =>
  readingsOf(name).some(({ id, config = '' }) => isGlueRepo(id) && Object.hasOwn(GLUE_CONFIGS, config));

/** @throws InputError (`hub-missing` naming every way in which the name was understood; those of the client) */
async function findDataset(hub: Hub, name: HubName, asked: string): Promise<Found> {
  const { repo, reading } = await resolveName(hub, name, asked);
  const listing = await hub.listFiles(repo);
  const card = await cardOf(hub, repo, listing);
  const chosen = chooseFiles(listing, card, reading.config, asked);
  return { repo, config: reading.config ?? chosen.config, listing, chosen };
}

async function resolveName(
  hub: Hub,
  name: HubName,
  asked: string,
): Promise<{ repo: PinnedRepo; reading: Reading }> {
  const readings = readingsOf(name);
  let first: unknown;
  for (const reading of readings) {
    try {
      return { repo: await hub.resolveRevision({ kind: 'dataset', id: reading.id }, name.revision), reading };
    } catch (error) {
      first ??= error;
      if (!saysMissing(error)) throw error;
    }
  }
  if (readings.length === 1 || hub.offline) throw first;
  const ways = readings.map(({ id, config }) =>
    config === undefined ? `a dataset "${id}"` : `a dataset "${id}" with a configuration "${config}"`,
  );
  return hubError(
    'hub-missing',
    asked,
    `the Hub shows neither ${ways.join(' nor ')}`,
    'Check the spelling; for what is private or gated, set HF_TOKEN in the environment',
    first,
  );
}

async function cardOf(
  hub: Hub,
  repo: PinnedRepo,
  listing: readonly HubFile[],
): Promise<readonly CardConfig[]> {
  const file = listing.find(({ path }) => path === CARD);
  if (!file || file.size > MOST_CARD) return [];
  const folder = await hub.download(repo, [file]);
  return readCard((await readPlainFile(join(folder, CARD), { most: MOST_CARD })).toString('utf8'));
}

/** Training and development files of a task, by their names; its test labels are hidden. */
function glueFiles(listing: readonly HubFile[], config: string | undefined, mismatched: boolean): SplitFiles {
  const of = (word: string): string[] =>
    listing.map(({ path }) => path).filter((path) => path.startsWith(`${config}/${word}-`));
  const matched = of('validation_matched');
  const held = matched.length === 0 ? of('validation') : mismatched ? of('validation_mismatched') : matched;
  return { train: of('train'), validation: [], test: held, leftOut: [] };
}

async function openFiles(
  hub: Hub,
  { repo, config, listing, chosen }: Found,
  options: HubDatasetOptions,
  asked: string,
  folder: string,
): Promise<Dataset> {
  const task = isGlueRepo(repo.id) ? GLUE_CONFIGS[config ?? ''] : undefined;
  const files = task === undefined ? chosen.files : glueFiles(listing, config, options.mismatched);
  const wanted = new Set([...files.train, ...files.validation, ...files.test]);
  const root = await hub.download(
    repo,
    listing.filter(({ path }) => wanted.has(path)),
  );
  const context = { source: root, folder };
  const { text, text2, label, labels, classes, rows, validation, test, mismatched } = options;
  if (task !== undefined)
    return createGlue({ path: join(root, config as string), task, mismatched, validation }, context);
  if (chosen.kind !== 'txt') {
    const columns = { text, text2, label, labels, classes, rows, validation, test };
    return createTable({ path: root, ...columns }, context, files);
  }
  if (label !== undefined) {
    hubError(
      'hub-files-unclear',
      asked,
      'its files are plain texts, without columns',
      'Leave out dataset.label',
    );
  }
  const held = (split: 'validation' | 'test'): string[] | number =>
    files[split].length > 0 ? [...files[split]] : options[split];
  return createTextDataset(
    { path: root, train: [...files.train], validation: held('validation'), test: held('test') },
    context,
  );
}

function contentOf<K extends 'split' | 'labelledTexts'>(
  dataset: Dataset,
  kind: K,
  split: SplitName,
  asked: string,
): ReturnType<NonNullable<Dataset[K]>> {
  const read = dataset[kind] as ((name: SplitName) => ReturnType<NonNullable<Dataset[K]>>) | undefined;
  if (read) return read.call(dataset, split);
  return hubError(
    'hub-labels-missing',
    asked,
    'it is not the benchmark GLUE, whose labels are known, though it is called so',
    'Name the columns: --set dataset.text=… --set dataset.label=…',
  );
}
