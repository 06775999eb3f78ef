/** Makes a failing file and text small: takes parts away one after the other while the same kind of failure remains. */
import { compare, expect, expectTexts, type Difference, type Load } from './compare.js';
import { numbered, type AddedToken } from './ids.js';
import type { TokenizerFile } from './random-case.js';

const MOST_TRIES = 1000;

export interface Shrunken {
  readonly file: TokenizerFile;
  readonly difference: Difference;
}

/** @param difference that the file is known to show */
export async function shrink(file: TokenizerFile, difference: Difference, load?: Load): Promise<Shrunken> {
  let best: Shrunken = { file, difference };
  const number = JSON.stringify(renumbered(file)) === JSON.stringify(file) ? renumbered : undefined;
  let tries = 0;
  const attempt = async (smaller: TokenizerFile, input: Difference['input']): Promise<boolean> => {
    if (tries >= MOST_TRIES) return false;
    const candidate = number?.(smaller) ?? smaller;
    tries += 1;
    const found = await differenceOf(candidate, input, load);
    if (!found || !alike(found, difference)) return false;
    best = { file: candidate, difference: found };
    return true;
  };
  let before: string;
  do {
    before = JSON.stringify(best);
    await shrinkInput(() => best, attempt);
    await shrinkFile(() => best, attempt);
  } while (tries < MOST_TRIES && JSON.stringify(best) !== before);
  return best;
}

/** A smaller vocabulary gives the added tokens other ids. */
function renumbered(file: TokenizerFile): TokenizerFile {
  if (!Array.isArray(file['added_tokens'])) return file;
  const added_tokens = numbered(
    file['added_tokens'] as AddedToken[],
    file['model'] as Record<string, unknown>,
  );
  return { ...file, added_tokens };
}

/** An error stays the same error: only the names and numbers in it may change. */
function alike(one: Difference, other: Difference): boolean {
  const stem = ({ kind, ours }: Difference): string =>
    typeof ours === 'string' && kind !== 'text' ? ours.replace(/"(\\.|[^"\\])*"|\d+/g, '…') : '';
  return one.kind === other.kind && stem(one) === stem(other);
}

async function differenceOf(
  file: TokenizerFile,
  input: Difference['input'],
  load?: Load,
): Promise<Difference | undefined> {
  if (typeof input === 'string') {
    const expected = await expect(file, [input]);
    return expected && compare(file, { ...expected, decoded: [] }, load).difference;
  }
  const decoded = await expectTexts(file, [input]);
  return decoded && compare(file, { encoded: [], decoded }, load).difference;
}

type Attempt = (file: TokenizerFile, input: Difference['input']) => Promise<boolean>;

async function shrinkInput(best: () => Shrunken, attempt: Attempt): Promise<void> {
  const items = (): (string | number)[] => [...best().difference.input];
  for (let size = Math.ceil(items().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < items().length;) {
      const list = items();
      list.splice(at, size);
      const smaller = typeof best().difference.input === 'string' ? list.join('') : (list as number[]);
      if (!(await attempt(best().file, smaller))) at += size;
    }
  }
}

type Path = readonly (string | number)[];

async function shrinkFile(best: () => Shrunken, attempt: Attempt): Promise<void> {
  const without = (file: TokenizerFile): Promise<boolean> => attempt(file, best().difference.input);
  for (const name of Object.keys(best().file)) {
    if (name !== 'model') await without(omit(best().file, name));
  }
  for (const path of lists(best().file)) {
    const length = (): number => (at(best().file, path) as unknown[] | undefined)?.length ?? 0;
    for (let size = Math.ceil(length() / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let index = 0; index < length();) {
        const list = [...(at(best().file, path) as unknown[])];
        list.splice(index, size);
        const input =
          path[1] === 'vocab' ? shifted(best().difference.input, index, size) : best().difference.input;
        if (!(await attempt(put(best().file, path, list), input))) index += size;
      }
    }
    const only = at(best().file, path);
    if (path[0] !== 'model' && path.length > 1 && Array.isArray(only) && only.length === 1)
      await without(put(best().file, path.slice(0, -1), only[0]));
  }
  await shrinkVocabulary(best, without);
  for (const path of flags(best().file)) await without(put(best().file, path, false));
}

/** In a list of pieces the later ones move up, and their ids with them. */
function shifted(input: Difference['input'], index: number, size: number): Difference['input'] {
  if (typeof input === 'string') return input;
  return input.map((id) => (id < index + size ? id : id - size));
}

/** Ids stay as they are. */
async function shrinkVocabulary(
  best: () => Shrunken,
  without: (file: TokenizerFile) => Promise<boolean>,
): Promise<void> {
  const path = ['model', 'vocab'];
  const entries = (): [string, unknown][] => Object.entries((at(best().file, path) as object | null) ?? {});
  if (Array.isArray(at(best().file, path))) return;
  for (let size = Math.ceil(entries().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let index = 0; index < entries().length;) {
      const list = entries();
      list.splice(index, size);
      if (!(await without(put(best().file, path, Object.fromEntries(list))))) index += size;
    }
  }
}

const omit = (file: TokenizerFile, name: string): TokenizerFile =>
  Object.fromEntries(Object.entries(file).filter(([other]) => other !== name));

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);

function put(file: TokenizerFile, path: Path, value: unknown): TokenizerFile {
  const copy = structuredClone(file);
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown> | undefined;
  if (parent) parent[path.at(-1) as string | number] = value;
  return copy;
}

/** Lists whose items can go: components in a row, added tokens, merges, pieces. The deepest come last. */
function lists(file: TokenizerFile): Path[] {
  return walk(
    file,
    (value, path) =>
      Array.isArray(value) &&
      !(path[1] === 'merges' && path.length > 2) &&
      path.length < 5 &&
      path.at(-2) !== 'vocab',
  );
}

function flags(file: TokenizerFile): Path[] {
  return walk(file, (value) => value === true);
}

function walk(file: TokenizerFile, wanted: (value: unknown, path: Path) => boolean): Path[] {
  const found: Path[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (wanted(value, path)) found.push(path);
    if (path.length > 6 || typeof value !== 'object' || value === null) return;
    if (path[1] === 'vocab' || path[1] === 'merges') return;
    if (Array.isArray(value)) value.forEach((child, index) => visit(child, [...path, index]));
    else for (const [name, child] of Object.entries(value)) visit(child, [...path, name]);
  };
  visit(file, []);
  return found;
}
