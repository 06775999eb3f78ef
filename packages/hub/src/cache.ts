/**
 * What has come from the Hub, in a folder of the cache:
 *
 *     refs/datasets--wikitext@main.json                  which repository and commit a name meant last
 *     datasets--Salesforce--wikitext/blobs/CHECKSUM      whole files, each once
 *     datasets--Salesforce--wikitext/blobs/CHECKSUM.partial/    what has come of one
 *     datasets--Salesforce--wikitext/commits/COMMIT/listing.json
 *     datasets--Salesforce--wikitext/commits/COMMIT/files/…     the files of a commit that were asked for, by their paths
 *
 * Files come into being whole, by a rename. All of it may be deleted at any time.
 */
// eslint-disable-next-line no-restricted-imports -- of a whole file, beside its place; a rename puts it there
import { copyFile, link, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeFileSystem, readPlainFile, writeJson } from '@ligature/core/node';
import { z } from 'zod';
import { keptListing, type HubFile } from './listing.js';
import { isCommit, isRepoId } from './name.js';

export type RepoKind = 'dataset' | 'model';

export interface Repo {
  readonly kind: RepoKind;
  /** `owner/name`, or `name` alone */
  readonly id: string;
}

/** One state of a repository, which never changes. */
export interface PinnedRepo extends Repo {
  /** Forty digits. */
  readonly commit: string;
}

const MOST_BYTES = 64 * 2 ** 20;

const folderName = ({ kind, id }: Repo): string => `${kind}s--${id.replace('/', '--')}`;
export const blobsOf = (cache: string, repo: Repo): string => join(cache, folderName(repo), 'blobs');
const commitFolder = (cache: string, repo: PinnedRepo): string =>
  join(cache, folderName(repo), 'commits', repo.commit);
/** Where the files of a commit stand by their paths. */
export const filesOf = (cache: string, repo: PinnedRepo): string => join(commitFolder(cache, repo), 'files');

const refSchema = z.strictObject({ id: z.string().refine(isRepoId), commit: z.string().refine(isCommit) });
const refPath = (cache: string, repo: Repo, revision: string): string =>
  join(cache, 'refs', `${folderName(repo)}@${encodeURIComponent(revision)}.json`);

/** What a name and revision meant when it was asked last. */
export async function readRef(cache: string, repo: Repo, revision: string): Promise<PinnedRepo | undefined> {
  const found = await readKept(refPath(cache, repo, revision), refSchema);
  return found && { kind: repo.kind, ...found };
}

export async function writeRef(
  cache: string,
  repo: Repo,
  revision: string,
  found: PinnedRepo,
): Promise<void> {
  const { id, commit } = found;
  await writeJson(refPath(cache, repo, revision), { id, commit });
}

export async function readKeptListing(
  cache: string,
  repo: PinnedRepo,
): Promise<readonly HubFile[] | undefined> {
  return (await readKept(join(commitFolder(cache, repo), 'listing.json'), keptListing))?.files;
}

export const writeListing = (cache: string, repo: PinnedRepo, files: readonly HubFile[]): Promise<void> =>
  writeJson(join(commitFolder(cache, repo), 'listing.json'), { format: 1, files });

/** What is damaged in any way is as good as nothing: it is asked for again. */
async function readKept<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  try {
    const bytes = await readPlainFile(path, { most: MOST_BYTES, links: 'refuse' });
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

let made = 0;

/** Gives a blob its path in a commit: a second name of the same bytes, or a copy where the disk knows no such names. */
export async function placeFile(blob: string, path: string): Promise<void> {
  const [there, own] = await Promise.all([lstat(path).catch(() => undefined), lstat(blob)]);
  if (there?.isFile() && there.ino === own.ino && there.dev === own.dev) return;
  await mkdir(dirname(path), { recursive: true });
  made += 1;
  const aside = `${path}.${process.pid}-${made}.new`;
  await link(blob, aside).catch(() => copyFile(blob, aside));
  // Two names of one file already: such a rename does nothing, and the other name stays.
  await nodeFileSystem.rename(aside, path).finally(() => rm(aside, { force: true }));
}
