/** One encoded image as planes of bytes. */
import { reasonOf } from '../sources/errors.js';
import { imageError } from './errors.js';
import type { Decoder } from './sharp.js';

/** Of an image before it is made smaller: 8,192 x 8,192, 200 MB while it is decoded. */
const MOST_INPUT_PIXELS = 2 ** 26;
/** What a file may be, whatever its name says: no format that names other files, as SVG does. */
const FORMATS: ReadonlySet<string | undefined> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif']);

export interface DecodeOptions {
  /** Pixels of a side of the square that it is made to, cut at its longer side; `null`: as it is. */
  readonly size: number | null;
  readonly channels: 1 | 3;
}

export interface Decoded {
  /** [channels, height, width] */
  readonly planes: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/**
 * The first frame, turned as its camera says, without transparency.
 *
 * @param where for messages
 * @throws InputError (`image-damaged`)
 */
export async function decodeImage(
  sharp: Decoder,
  bytes: Uint8Array,
  { size, channels }: DecodeOptions,
  where: string,
): Promise<Decoded> {
  const fail = (found: string, cause?: unknown): never =>
    imageError(
      'image-damaged',
      where,
      found,
      'Mend or remove the file: it must be PNG, JPEG, WebP, GIF, TIFF or AVIF',
      cause,
    );
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: MOST_INPUT_PIXELS });
    const { format } = await image.metadata();
    if (!FORMATS.has(format)) fail(`its content is of the format ${format}`);
    const turned = image.rotate();
    const sized = size === null ? turned : turned.resize(size, size, { fit: 'cover' });
    const { data, info } = await sized
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { height, width } = info;
    if (info.channels !== 3) fail(`it became ${info.channels} channels where 3 belong`);
    return { planes: channels === 3 ? colours(data) : greys(data), height, width };
  } catch (error) {
    if (error instanceof Error && error.name === 'InputError') throw error;
    return fail(`it cannot be decoded: ${reasonOf(error)}`, error);
  }
}

/** [pixels, 3] -> [3, pixels] */
function colours(data: Uint8Array): Uint8Array {
  const area = data.length / 3;
  const planes = new Uint8Array(data.length);
  for (let at = 0; at < area; at += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      planes[channel * area + at] = data[3 * at + channel] as number;
  }
  return planes;
}

/** Luma of ITU-R BT.601 in 16-bit fixed point, as Pillow's `convert('L')` has it: a grey pixel stays what it is. */
const greys = (data: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: data.length / 3 }, (_, at) => {
    const [red, green, blue] = [data[3 * at], data[3 * at + 1], data[3 * at + 2]] as [number, number, number];
    return (19_595 * red + 38_470 * green + 7471 * blue + 0x8000) >> 16;
  });
