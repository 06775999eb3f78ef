import { describe, expect, it } from 'vitest';
import { assertFrame, FrameError } from '../../src/rows/zstd-frame.js';

/** pyarrow 26.0.1: pa.Codec('zstd').compress(b'hello hello hello hello hello') */
const HELLO = Buffer.from('28b52ffd201d6500003068656c6c6f200100a94b11', 'hex');

const frame = (...blocks: readonly number[][]): Uint8Array =>
  // Single segment, its size in two bytes: 256 + 44.
  Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, 44, 0, ...blocks.flat()]);
const block = (kind: number, size: number, last: boolean, ...rest: number[]): number[] => {
  const header = size * 8 + kind * 2 + Number(last);
  return [header & 255, (header >> 8) & 255, header >> 16, ...rest];
};

describe('assertFrame', () => {
  it('takes what an encoder writes', () => {
    expect(() => assertFrame(HELLO, 29)).not.toThrow();
    expect(() => assertFrame(frame(block(1, 300, true, 7)), 300)).not.toThrow();
  });

  it('refuses another size, an end that is none, and more than it says', () => {
    expect(() => assertFrame(HELLO, 30)).toThrow(FrameError);
    for (let length = 0; length < HELLO.length; length += 1)
      expect(() => assertFrame(HELLO.subarray(0, length), 29)).toThrow(FrameError);
    expect(() => assertFrame(Buffer.concat([HELLO, HELLO]), 29)).toThrow(/not alone/);
    const run = block(1, 299, false, 7);
    expect(() => assertFrame(frame(run, run, block(1, 1, true, 7)), 300)).toThrow(/more than 300 bytes/);
    const packed = Array.from({ length: 17 }, () => block(2, 1, false, 0)).flat();
    expect(() => assertFrame(frame(packed), 300)).toThrow(/more than 300 bytes/);
    expect(() => assertFrame(frame(block(3, 1, true, 0)), 300)).toThrow(/no kind/);
    // Not a single segment, a window of 2^41 bytes.
    expect(() => assertFrame(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x40, 0xf8, 44, 0), 300)).toThrow(
      /window/,
    );
    expect(() => assertFrame(HELLO, 2 ** 30)).toThrow(/22\.15/);
  });
});
