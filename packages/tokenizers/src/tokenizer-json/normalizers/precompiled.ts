/**
 * `Precompiled`: SentencePiece's map from characters to texts, a trie in a double array (darts-clone) before the
 * texts it leads to. As in Hugging Face's library the map is asked about a grapheme of fewer than six bytes first,
 * and answers if it knows any beginning of it.
 */
import { unsupported } from '../refuse.js';
import type { Normalizer } from '../section.js';
import { fromUtf8, toUtf8 } from '../../utf8.js';

const LONGEST_GRAPHEME = 6;
/** A map has at most this many bytes; published ones have 300 kB. */
const MOST_BYTES = 1 << 26;

interface CharactersMap {
  /** Node of the trie: whether it has a leaf, its label, where its children or its value are. */
  readonly nodes: Uint32Array;
  /** The texts, each ended by a zero. */
  readonly texts: Uint8Array;
}

export function precompiled(base64: string, field: string): Normalizer {
  const map = readMap(base64, field);
  const known = new Map<string, string | undefined>();
  const lookUp = (part: string): string | undefined => {
    if (!known.has(part)) known.set(part, transform(map, part, field));
    return known.get(part);
  };
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  return ({ text, head }) => {
    let out = '';
    let newHead = 0;
    let left = [...text.slice(0, head)].length;
    const replace = (part: string, by: string | undefined): void => {
      const kept = by ?? part;
      // What is taken away before anything is kept leaves its place to the next, as in Hugging Face's library.
      if (left > 0 && (out !== '' || kept !== '')) {
        // Characters of the new text stand for those of the old, one by one; the rest belongs to the last.
        newHead = out.length + alignedUnits(part, kept, left);
        left -= [...part].length;
      }
      out += kept;
    };
    for (const grapheme of graphemesOf(text, graphemes)) {
      const whole = utf8Length(grapheme) < LONGEST_GRAPHEME ? lookUp(grapheme) : undefined;
      if (whole !== undefined) replace(grapheme, whole);
      else for (const character of grapheme) replace(character, lookUp(character));
    }
    return { text: out, head: newHead };
  };
}

/** How many units of the new text stand for the first characters of the old. */
function alignedUnits(old: string, by: string, characters: number): number {
  const all = [...old].length;
  return characters >= all ? by.length : [...by].slice(0, characters).join('').length;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** A character of ASCII that another follows is a grapheme: most texts need no segmenter. */
function* graphemesOf(text: string, segmenter: Intl.Segmenter): Generator<string> {
  const isAscii = (index: number): boolean => text.charCodeAt(index) < 0x80;
  let at = 0;
  while (at < text.length) {
    if (isAscii(at) && text[at] !== '\r' && (at + 1 === text.length || isAscii(at + 1))) {
      yield text.charAt(at);
      at += 1;
      continue;
    }
    // Up to the next character of ASCII that another follows, and with it: a mark before may take it in.
    let end = at + 1;
    while (
      end < text.length &&
      !(isAscii(end) && text[end] !== '\r' && (end + 1 === text.length || isAscii(end + 1)))
    )
      end += 1;
    end = Math.min(text.length, end + 1);
    for (const { segment } of segmenter.segment(text.slice(at, end))) yield segment;
    at = end;
  }
}

function readMap(base64: string, field: string): CharactersMap {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
  } catch (error) {
    return unsupported(field, 'is not base64', undefined, error);
  }
  if (bytes.length > MOST_BYTES) unsupported(field, `has ${bytes.length} bytes, more than ${MOST_BYTES}`);
  if (bytes.length < 4) unsupported(field, 'has no size at its start');
  const view = new DataView(bytes.buffer);
  const size = view.getUint32(0, true);
  if (size % 4 !== 0 || size + 4 > bytes.length)
    unsupported(field, 'has a trie that is longer than the whole');
  const nodes = new Uint32Array(size / 4);
  for (let index = 0; index < nodes.length; index += 1) nodes[index] = view.getUint32(4 + 4 * index, true);
  return { nodes, texts: bytes.subarray(4 + size) };
}

const offsetOf = (node: number): number => (node >>> 10) << ((node & 0x200) >>> 6);

/** The text of the shortest beginning of `part` that the map knows. */
function transform({ nodes, texts }: CharactersMap, part: string, field: string): string | undefined {
  const node = (index: number): number => {
    if (index >= nodes.length) unsupported(field, 'has a trie that leads out of itself');
    return nodes[index] as number;
  };
  let at = offsetOf(node(0));
  for (const byte of toUtf8(part)) {
    if (byte === 0) return undefined;
    at ^= byte;
    const entry = node(at);
    if ((entry & 0x800000ff) >>> 0 !== byte) return undefined;
    at ^= offsetOf(entry);
    if (((entry >>> 8) & 1) === 1) {
      const start = node(at) & 0x7fffffff;
      if (start > texts.length) unsupported(field, 'has a trie that leads to no text');
      const end = texts.indexOf(0, start);
      return fromUtf8(texts.subarray(start, end < 0 ? texts.length : end));
    }
  }
  return undefined;
}
