/** An independent reader of plain PNG files: RGB of 8 bits, not interlaced, no filters (PNG specification, 5 and 9). */
import { crc32, inflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** The colour of a pixel as `rrggbb`. */
  at(x: number, y: number): string;
}

/** @throws Error for what it does not know */
export function pixelsOf(png: Buffer): Pixels {
  if (png.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG');
  let header: Buffer = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (crc32(png.subarray(at + 4, at + 8 + length)) !== png.readUInt32BE(at + 8 + length))
      throw new Error(`the checksum of ${type} is wrong`);
    if (type === 'IHDR') header = content;
    if (type === 'IDAT') data.push(content);
    at += 12 + length;
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header.subarray(8, 13).toString('hex') !== '0802000000') throw new Error('not 8-bit RGB');
  const rows = inflateSync(Buffer.concat(data));
  const row = 1 + 3 * width;
  if (rows.length !== row * height) throw new Error('it has another number of pixels');
  for (let y = 0; y < height; y += 1) if (rows[y * row] !== 0) throw new Error('a row has a filter');
  return { width, height, at: (x, y) => rows.toString('hex', y * row + 1 + 3 * x, y * row + 4 + 3 * x) };
}
