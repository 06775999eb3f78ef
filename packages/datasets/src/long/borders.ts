/** Where a long text may be cut: found in the bytes around a place, since nobody reads all of it for that. */
import { nearestBorder } from '../nearest-border.js';
import { blocksOf, type FileRange } from './parts.js';

/** Bytes that are looked at on each side, at most. */
const AROUND = 1 << 16;

/** Best first: after a blank line, after a line end, after white space. All of ASCII, of which UTF-8 has no byte within a character. */
const BORDERS = [/\n[\t\v\f\r ]*\n[\t\v\f\r\n ]*/g, /\n/g, /[\t\v\f\r\n ]+/g];

/**
 * The best kind of border near `target`, the nearest of its kind; else the nearest beginning of a character.
 *
 * @param file its path and size
 * @param target a place in it, in bytes
 * @param slack how far off a border may lie
 */
export async function borderNear(
  { path, size }: Pick<FileRange, 'path' | 'size'>,
  target: number,
  slack: number,
): Promise<number> {
  const around = Math.min(AROUND, slack);
  const from = Math.max(0, target - around);
  const text = await bytesAsText({ path, from, to: Math.min(size, target + around), size });
  return from + (nearestBorder(text, BORDERS, target - from) ?? beginningOfCharacter(text, target - from));
}

/** A stretch of whole lines within a range; where it has no line end, of whole characters. */
export async function wholeLines(range: FileRange): Promise<FileRange> {
  const text = await bytesAsText(range);
  const first = range.from === 0 ? 0 : text.indexOf('\n') + 1;
  const last = range.to === range.size ? text.length : text.lastIndexOf('\n') + 1;
  const [from, to] =
    first < last ? [first, last] : [0, text.length].map((at) => beginningOfCharacter(text, at));
  return { ...range, from: range.from + (from as number), to: range.from + (to as number) };
}

/** One UTF-16 unit a byte. */
async function bytesAsText(range: FileRange): Promise<string> {
  const texts: string[] = [];
  for await (const block of blocksOf(range)) texts.push(Buffer.from(block).toString('latin1'));
  return texts.join('');
}

/** The last place up to `at` where no byte of a character goes on. */
function beginningOfCharacter(text: string, at: number): number {
  let place = at;
  while (place > 0 && (text.charCodeAt(place) & 0xc0) === 0x80) place -= 1;
  return place;
}
