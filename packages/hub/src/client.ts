/** The Hub as this house uses it: a state of a repository, its files, and a folder that holds some of them. For datasets and models. */
import { join } from 'node:path';
import { z } from 'zod';
import {
  blobsOf,
  filesOf,
  placeFile,
  readKeptListing,
  readRef,
  writeListing,
  writeRef,
  type PinnedRepo,
  type Repo,
} from './cache.js';
import { systemClock, type Clock } from './clock.js';
import { cachedBlob, download } from './download.js';
import { bytesText, codeOf, hubError } from './errors.js';
import { readListing, type HubFile } from './listing.js';
import { isCommit, isRepoId } from './name.js';
import type { About } from './refused.js';
import { jsonFetch, type RequestSurroundings } from './request.js';
import { hubSettings, type Environment, type GivenSettings } from './settings.js';

export interface HubOptions extends GivenSettings {
  /** HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, LIGATURE_CACHE; left out: those of the process. */
  readonly env?: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Told how far a download is, in bytes of all its files. */
  readonly onProgress?: ((message: string, progress: { done: number; total: number }) => void) | undefined;
  /** Told what should not be lost: a damaged file, a server that is waited for. */
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

export interface Hub {
  readonly offline: boolean;
  /**
   * The commit that a revision is now, of the repository as it is called today: the Hub redirects old names.
   *
   * @param revision a branch, a tag or a commit; left out: `main`
   * @throws InputError (`hub-missing`, `hub-denied`, `hub-revision-unknown`, `hub-offline`, …)
   */
  resolveRevision(repo: Repo, revision?: string): Promise<PinnedRepo>;
  /** All files of a commit, in the order of their paths. @throws InputError (`hub-listing-invalid`, `hub-offline`, …) */
  listFiles(repo: PinnedRepo): Promise<readonly HubFile[]>;
  /**
   * Files of a commit on this machine; what the cache has is not fetched.
   *
   * @param files of its listing
   * @param options thorough: read again what the cache has, to see that it is whole
   * @returns the folder in which they stand by their paths
   * @throws InputError (`hub-checksum`, `hub-interrupted`, `hub-disk-full`, `stopped`, `hub-offline`, …)
   */
  download(
    repo: PinnedRepo,
    files: readonly HubFile[],
    options?: { readonly thorough?: boolean },
  ): Promise<string>;
}

/** Large, and needed by who asks the Hub alone. */
const library = () => import('@huggingface/hub');

const answer = z.object({ name: z.string().refine(isRepoId), sha: z.string().refine(isCommit) });

export function createHub(options: HubOptions = {}): Hub {
  const settings = hubSettings(options, options.env ?? process.env);
  const { folder: cache, endpoint } = settings;
  const around: RequestSurroundings = {
    settings,
    clock: options.clock ?? systemClock,
    fetch: options.fetch ?? fetch,
    signal: options.signal,
    waiting: options.onNotice,
  };
  const aboutOf = ({ kind, id }: Repo, asked = `Read the ${kind} ${id} from the Hub`): About => ({
    asked,
    what: `the ${kind} "${id}"`,
  });
  return {
    offline: settings.offline,
    async resolveRevision(repo, revision = 'main') {
      // A commit is what it is: whoever has it need not ask.
      if (isCommit(revision) || settings.offline) {
        const kept = await readRef(cache, repo, revision);
        if (kept) return kept;
        if (isCommit(revision) && (await readKeptListing(cache, { ...repo, commit: revision }))) {
          return { ...repo, commit: revision };
        }
      }
      const about = { ...aboutOf(repo), revision };
      if (settings.offline) offline(about, `what "${revision}" of it is`);
      const asked = { name: repo.id, revision, hubUrl: endpoint, fetch: jsonFetch(about, around) };
      const { datasetInfo, modelInfo } = await library();
      const found = answer.safeParse(
        repo.kind === 'dataset'
          ? await datasetInfo({ ...asked, additionalFields: ['sha'] })
          : await modelInfo({ ...asked, additionalFields: ['sha'] }),
      );
      if (!found.success) {
        hubError('hub-answer-invalid', about.asked, 'the answer names no commit', 'Check HF_ENDPOINT');
      }
      const pinned: PinnedRepo = { kind: repo.kind, id: found.data.name, commit: found.data.sha };
      for (const known of new Set([repo.id, pinned.id])) {
        for (const name of new Set([revision, pinned.commit])) {
          await writeRef(cache, { kind: repo.kind, id: known }, name, pinned);
        }
      }
      return pinned;
    },
    async listFiles(repo) {
      const kept = await readKeptListing(cache, repo);
      if (kept) return kept;
      const about = { ...aboutOf(repo), revision: repo.commit };
      if (settings.offline) offline(about, 'the list of its files');
      const { listFiles } = await library();
      const entries = listFiles({
        ...{ repo: { type: repo.kind, name: repo.id }, recursive: true },
        ...{ revision: repo.commit, hubUrl: endpoint, fetch: jsonFetch(about, around) },
      });
      const files = await readListing(entries, about.asked);
      await writeListing(cache, repo, files);
      return files;
    },
    async download(repo, files, { thorough = false } = {}) {
      const blobs = blobsOf(cache, repo);
      const asked = `Get ${files.length === 1 ? `"${files[0]?.path}"` : `${files.length} files`} of ${repo.id} from the Hub`;
      const missing: HubFile[] = [];
      for (const file of files) {
        const damaged = (): void =>
          options.onNotice?.(`"${file.path}" of ${repo.id} is damaged in the cache, and is fetched again`);
        const blob = await cachedBlob(blobs, file, { thorough, damaged });
        if (blob === undefined) missing.push(file);
        else await placeFile(blob, join(filesOf(cache, repo), file.path));
      }
      if (missing.length > 0 && settings.offline) {
        offline(aboutOf(repo, asked), missing.map(({ path }) => `"${path}"`).join(', '));
      }
      const report = progressOf(missing, `Downloading ${repo.id}`, options.onProgress);
      for (const [index, file] of missing.entries()) {
        const about = { ...aboutOf(repo, asked), path: file.path };
        const url = addressOf(endpoint, repo, file.path);
        const onBytes = (there: number): void => report(index, there);
        const blob = await download({ file, url, blobs, about, onBytes }, around);
        await placeFile(blob, join(filesOf(cache, repo), file.path));
      }
      return filesOf(cache, repo);
    },
  };
}

/** Of the file itself, also where the Hub stores it in chunks (Xet): asked so, it redirects to the whole. */
function addressOf(endpoint: string, { kind, id, commit }: PinnedRepo, path: string): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  return `${endpoint}/${kind === 'dataset' ? 'datasets/' : ''}${id}/resolve/${commit}/${escaped}`;
}

/** Told at each hundredth, so that a thousand small pieces are not a thousand lines. */
function progressOf(
  files: readonly HubFile[],
  message: string,
  tell: HubOptions['onProgress'],
): (index: number, there: number) => void {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const there = files.map(() => 0);
  let told = -1;
  return (index, bytes) => {
    there[index] = bytes;
    const done = there.reduce((sum, one) => sum + one, 0);
    const share = total === 0 ? 100 : Math.floor((100 * done) / total);
    if (share === told) return;
    told = share;
    tell?.(`${message}, ${bytesText(total)}`, { done, total });
  };
}

function offline({ asked }: About, missing: string): never {
  hubError(
    'hub-offline',
    asked,
    `the cache does not hold ${missing}, and the Hub is not to be asked`,
    'Do it once with a network, or leave out HF_HUB_OFFLINE and dataset.offline',
  );
}

/** Whether the Hub says that there is no such repository, as far as it says so. */
export const saysMissing = (error: unknown): boolean =>
  ['hub-missing', 'hub-denied', 'hub-offline'].includes(codeOf(error) ?? '');
