/**
 * What has come of a file, in a folder that belongs to one process at a time. It is claimed by a rename, which one of
 * several wins: the others begin anew, and whoever ends first puts the same file into place.
 */
import { constants } from 'node:fs';
import { mkdir, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileSystem, openPlainFile, readPlainFile, writeWhole } from '@ligature/core/node';

export interface Partial {
  readonly folder: string;
  /** Positioned at nothing: writes say where. */
  readonly file: FileHandle;
  readonly bytes: string;
}

let claimed = 0;

/** @param blob the path that the whole file is to have */
export async function claimPartial(blobs: string, name: string): Promise<Partial> {
  await mkdir(blobs, { recursive: true });
  claimed += 1;
  const folder = join(blobs, `${name}.${process.pid}-${claimed}.working`);
  const candidates = [`${name}.partial`, ...(await orphans(blobs, name))];
  let found = false;
  for (const candidate of candidates) {
    found = await nodeFileSystem.rename(join(blobs, candidate), folder).then(
      () => true,
      () => false,
    );
    if (found) break;
  }
  if (!found) await mkdir(folder);
  const bytes = join(folder, 'bytes');
  return { folder, bytes, file: await openPlainFile(bytes, constants.O_RDWR | constants.O_CREAT) };
}

/** Of processes of this machine that ended without giving theirs back. */
async function orphans(blobs: string, name: string): Promise<string[]> {
  return (await readdir(blobs)).filter((entry) => {
    const pid = entry.startsWith(`${name}.`) ? /\.(\d+)-\d+\.working$/.exec(entry)?.[1] : undefined;
    return pid !== undefined && !isAlive(Number(pid));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The mark of the version that the bytes are of, as the server gave it. */
export async function etagOf({ folder }: Partial): Promise<string | undefined> {
  const found = await readPlainFile(join(folder, 'etag'), { most: 1000 }).catch(() => undefined);
  return found?.toString('utf8');
}

/** Only a strong one says that bytes are the same. */
export async function keepEtag({ folder }: Partial, etag: string | null): Promise<string | undefined> {
  const strong = etag !== null && /^"[\x21\x23-\x7e]{1,500}"$/.test(etag) ? etag : undefined;
  if (strong === undefined) await rm(join(folder, 'etag'), { force: true });
  else await writeWhole(join(folder, 'etag'), strong);
  return strong;
}

/** Puts the whole file in its place. */
export async function finishPartial({ folder, file, bytes }: Partial, blob: string): Promise<void> {
  await file.sync();
  await file.close();
  await nodeFileSystem.rename(bytes, blob);
  await rm(folder, { recursive: true, force: true });
}

/** Leaves what has come for the next one; where there is more of another's, that stays. */
export async function leavePartial(partial: Partial, blobs: string, name: string): Promise<void> {
  await partial.file.close().catch(() => undefined);
  const place = join(blobs, `${name}.partial`);
  const size = (path: string): Promise<number> =>
    stat(path).then(
      (found) => found.size,
      () => -1,
    );
  if ((await size(partial.bytes)) > (await size(join(place, 'bytes')))) {
    await rm(place, { recursive: true, force: true });
    await nodeFileSystem.rename(partial.folder, place).catch(() => undefined);
  }
  await rm(partial.folder, { recursive: true, force: true });
}
