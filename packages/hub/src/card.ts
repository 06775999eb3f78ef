/** The head of a dataset's card, README.md: which configurations it has, and which files are which split of them. */
import { parseDocument } from 'yaml';
import { z } from 'zod';

export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Patterns by the names of splits as the card calls them; a card that names files without splits: all of them are `train`. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

const MOST_HEAD = 1_000_000;

const patterns = z.union([z.string(), z.array(z.string()).max(1000)]);
const splitsSchema = z.array(z.object({ split: z.string(), path: patterns })).max(100);
const configSchema = z.object({
  config_name: z.string(),
  default: z.boolean().optional(),
  data_dir: z.string().optional(),
  data_files: z.union([splitsSchema, patterns]).optional(),
});

/**
 * @returns nothing where the card says nothing of files, or nothing that is understood: their names then say it. Configurations
 *   without patterns, which a script made once, are left out.
 */
export function readCard(text: string): readonly CardConfig[] {
  const head = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text.slice(0, MOST_HEAD))?.[1];
  if (head === undefined) return [];
  const document = parseDocument(head, { schema: 'core', uniqueKeys: false });
  if (document.errors.length > 0) return [];
  const parsed = z.object({ configs: z.array(z.unknown()).max(5000) }).safeParse(plain(document));
  if (!parsed.success) return [];
  return parsed.data.configs.flatMap((one): CardConfig[] => {
    const found = configSchema.safeParse(one);
    if (!found.success || found.data.data_files === undefined) return [];
    const { config_name: name, default: isDefault = false, data_dir: folder, data_files: files } = found.data;
    const inFolder = (path: string): string =>
      folder === undefined ? path : `${folder.replace(/\/+$/, '')}/${path}`;
    const bySplit = new Map<string, readonly string[]>();
    for (const { split, path } of isSplits(files) ? files : [{ split: 'train', path: files }]) {
      bySplit.set(split, (typeof path === 'string' ? [path] : path).map(inFolder));
    }
    return [{ name, isDefault, files: bySplit }];
  });
}

const isSplits = (
  files: z.output<typeof splitsSchema> | string | string[],
): files is z.output<typeof splitsSchema> => Array.isArray(files) && typeof files[0] === 'object';

/** Aliases that multiply are refused by the reader. */
function plain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}
