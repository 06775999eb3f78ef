/**
 * A tie map in one line of a terminal: a cell per layer in the colour of its block. As room gets scarce, cells
 * go from two columns with the owner's number, to one column, to two layers a column, to a sample of the
 * layers. Without colours, the owners themselves in base 36, or `#` for an own block and `.` for a borrowed one.
 */
import { blockColor, inkOn } from '@ligature/report';
import type { Paint } from './paint.js';

/** The cells, at most `room` columns wide. */
export function tieMapCells(map: readonly number[], room: number, paint: Paint): string {
  const layers = map.length;
  if (room < 1 || layers === 0) return '';
  if (paint.level === 0) return plainCells(map, room);
  if (2 * layers <= room && layers <= 100)
    return map.map((owner, layer) => numbered(owner, layer, paint)).join('');
  if (layers <= room) return map.map((owner) => paint.hex(blockColor(owner))('█')).join('');
  return halves(
    sample(map, 2 * room).map(({ owner }) => owner),
    paint,
  );
}

function numbered(owner: number, layer: number, paint: Paint): string {
  const color = blockColor(owner);
  const cell = paint.bgHex(color).hex(inkOn(color));
  const text = String(owner).padStart(2);
  return owner === layer ? cell.bold(text) : cell(text);
}

/** Two layers in one column: the left half is the foreground, the right half the background. */
function halves(owners: readonly number[], paint: Paint): string {
  const cells: string[] = [];
  for (let at = 0; at < owners.length; at += 2) {
    const left = paint.hex(blockColor(owners[at] as number));
    const right = owners[at + 1];
    cells.push(right === undefined ? left('▌') : left.bgHex(blockColor(right))('▌'));
  }
  return cells.join('');
}

function plainCells(map: readonly number[], room: number): string {
  if (map.length <= Math.min(room, 36)) return map.map((owner) => owner.toString(36)).join('');
  return sample(map, room)
    .map(({ owner, layer }) => (owner === layer ? '#' : '.'))
    .join('');
}

/** At most `count` layers, evenly spread. */
function sample(map: readonly number[], count: number): { owner: number; layer: number }[] {
  const kept = Math.min(count, map.length);
  return Array.from({ length: kept }, (_, index) => {
    const layer = Math.floor((index * map.length) / kept);
    return { layer, owner: map[layer] as number };
  });
}
