/** A tie map as a picture: a row a layer, a column a block; a cell in colour where the layer uses the block. */
import type { TieMap } from '@ligature/core';
import { encode } from 'fast-png';
import type { Picture } from './event.js';

/** Okabe & Ito's colours for all kinds of colour vision; the ninth block begins anew, in a column of its own. */
const COLORS = [
  [0x00, 0x72, 0xb2],
  [0xe6, 0x9f, 0x00],
  [0x00, 0x9e, 0x73],
  [0xcc, 0x79, 0xa7],
  [0x56, 0xb4, 0xe9],
  [0xd5, 0x5e, 0x00],
  [0xf0, 0xe4, 0x42],
] as const;
const EMPTY = [0xf4, 0xf5, 0xf7] as const;
/** Side of the picture in pixels, about. */
const SIDE = 256;

/** @param map canonical */
export function tieMapPicture(map: TieMap): Picture {
  const layers = map.length;
  const cell = Math.max(1, Math.floor(SIDE / layers));
  const side = cell * layers;
  // A line of background between cells, as long as there is room for one.
  const gap = cell > 3 ? 1 : 0;
  const data = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const block = Math.floor(x / cell);
      const inside = x % cell >= gap && y % cell >= gap;
      const used = inside && map[Math.floor(y / cell)] === block;
      data.set(used ? COLORS[block % COLORS.length]! : EMPTY, 3 * (y * side + x));
    }
  }
  return { width: side, height: side, png: encode({ width: side, height: side, data, channels: 3 }) };
}
