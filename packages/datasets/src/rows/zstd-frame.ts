/**
 * What a frame of Zstandard (RFC 8878, section 3.1.1) says that it unpacks to. The reader for Node before 22.15 allocates by it
 * and stops at no limit, so it is given frames that are as large as their page alone.
 */

/** A frame that is none, or larger than it should be. */
export class FrameError extends Error {}

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const MOST_WINDOW = 2 ** 27;
const MOST_BYTES = 2 ** 26;
/** A block unpacks to no more. */
const BLOCK = 2 ** 17;
/** Blocks that an encoder makes of so many bytes: it may split them. */
const BLOCKS = 16;

/** @param length bytes that it has to unpack to @throws FrameError */
export function assertFrame(bytes: Uint8Array, length: number): void {
  const byte = (at: number): number => bytes[at] ?? refuse('ends too early');
  const number = (at: number, size: number): number =>
    Array.from({ length: size }, (_, place) => byte(at + place) * 2 ** (8 * place)).reduce(
      (a, b) => a + b,
      0,
    );
  if (length > MOST_BYTES) refuse(`of ${length} bytes is more than this version of Node reads; 22.15 does`);
  if (MAGIC.some((value, at) => byte(at) !== value)) refuse('does not begin as one');
  const descriptor = byte(4);
  const single = (descriptor & 0x20) !== 0;
  let at = 5;
  if (!single) {
    const window = byte(at);
    at += 1;
    const base = 2 ** (10 + (window >> 3));
    if (base + (base / 8) * (window & 7) > MOST_WINDOW) refuse('has too large a window');
  }
  at += [0, 1, 2, 4][descriptor & 3] as number;
  const size = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const said = number(at, size) + (size === 2 ? 256 : 0);
  if (size === 0 || said !== length) refuse(`does not say that it has ${length} bytes`);
  assertBlocks(bytes.subarray(at + size), length, (descriptor & 4) === 0 ? 0 : 4);
}

/** Blocks until the last one, and nothing behind it but a checksum of so many bytes. */
function assertBlocks(bytes: Uint8Array, length: number, checksum: number): void {
  let [at, plain, packed] = [0, 0, 0];
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) refuse('ends too early');
    const header =
      (bytes[at] as number) + 256 * (bytes[at + 1] as number) + 65_536 * (bytes[at + 2] as number);
    const [kind, size] = [(header >> 1) & 3, header >> 3];
    last = (header & 1) === 1;
    if (kind === 3) refuse('has a block of no kind');
    if (kind === 2) packed += 1;
    else plain += size;
    // A run is one byte, however long it is.
    at += 3 + (kind === 1 ? 1 : size);
    if (plain > length || packed > BLOCKS * Math.ceil(length / BLOCK))
      refuse(`unpacks to more than ${length} bytes`);
  }
  if (at + checksum !== bytes.length) refuse('is not alone');
}

function refuse(what: string): never {
  throw new FrameError(`a Zstandard frame ${what}`);
}
