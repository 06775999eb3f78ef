/** Files of a repository as the Hub lists them: everything is checked, for whoever answers may be anybody. */
import { z } from 'zod';
import { hubError } from './errors.js';

/** What a file has to be in the end: the SHA-256 of what is stored apart (LFS), the name of a blob of git otherwise. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'git-sha1';
  readonly hex: string;
}

export interface HubFile {
  /** In the repository, with `/` between. */
  readonly path: string;
  readonly size: number;
  readonly checksum: Checksum;
}

/** No file of the Hub is larger: 500 GB. */
const MOST_BYTES = 5e11;
const MOST_FILES = 200_000;
const LONGEST_PATH = 1024;

/** Relative, inside the folder, and what every system writes as it is. */
export const isSafePath = (path: string): boolean =>
  path.length <= LONGEST_PATH &&
  !/[\u0000-\u001f\u007f\\]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= 255) &&
  !/^[A-Za-z]:/.test(path);

const path = z.string().refine(isSafePath, 'leads out of its folder, or is no plain path');
const size = z.int().min(0).max(MOST_BYTES);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sha1 = z.string().regex(/^[0-9a-f]{40}$/);

const entrySchema = z.object({
  type: z.string(),
  path,
  size: size.optional(),
  oid: z.string().optional(),
  lfs: z.object({ oid: sha256, size }).optional(),
});

/** @throws InputError (`hub-listing-invalid`) */
export async function readListing(entries: AsyncIterable<unknown>, asked: string): Promise<HubFile[]> {
  const files = new Map<string, HubFile>();
  for await (const entry of entries) {
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) invalid(asked, pathOf(entry), parsed.error.issues[0]?.message ?? 'it is malformed');
    const { type, lfs, oid, ...file } = parsed.data;
    if (type !== 'file') continue;
    const checksum: Checksum | undefined = lfs
      ? { algorithm: 'sha256', hex: lfs.oid }
      : sha1.safeParse(oid).success
        ? { algorithm: 'git-sha1', hex: oid as string }
        : undefined;
    const bytes = lfs?.size ?? file.size;
    if (!checksum || bytes === undefined) invalid(asked, file.path, 'there is no size or no checksum');
    files.set(file.path, { path: file.path, size: bytes, checksum });
    if (files.size > MOST_FILES) invalid(asked, file.path, `there are more than ${MOST_FILES} files`);
  }
  // By code units, not by locale: the same order everywhere.
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const pathOf = (entry: unknown): string => {
  const found = (entry as { path?: unknown } | null)?.path;
  return typeof found === 'string' ? found.slice(0, 200) : '?';
};

function invalid(asked: string, where: string, found: string): never {
  hubError(
    'hub-listing-invalid',
    asked,
    `its list of files is not to be trusted, at ${JSON.stringify(where)}: ${found}`,
    'Do not use it, and tell the Hub',
  );
}

/** The same as the cache keeps it. */
export const keptListing = z.strictObject({
  format: z.literal(1),
  files: z
    .array(
      z.strictObject({
        path,
        size,
        checksum: z.union([
          z.strictObject({ algorithm: z.literal('sha256'), hex: sha256 }),
          z.strictObject({ algorithm: z.literal('git-sha1'), hex: sha1 }),
        ]),
      }),
    )
    .max(MOST_FILES),
});
