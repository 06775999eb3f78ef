/** The hybrid of runs and packed bits in which Parquet writes levels and places in a dictionary. */

/** A stream that says more than it holds, or more than a page has. */
export class RunsError extends Error {}

/**
 * Walks a stream without unpacking it: each run has to fit into what is left of the values, since the reader behind this
 * writes as many as a run says.
 *
 * @param width bits of a value, 0 to 32
 * @param count values that there have to be
 * @returns how many of them are 1, for a width of 1; 0 otherwise
 * @throws RunsError
 */
export function checkRuns(bytes: Uint8Array, from: number, width: number, count: number): number {
  if (width > 32) throw new RunsError(`values of ${width} bits`);
  let [at, seen, ones] = [from, 0, 0];
  const byteAt = (place: number): number => {
    const byte = bytes[place];
    if (byte === undefined) throw new RunsError('runs that end too early');
    return byte;
  };
  while (seen < count) {
    let [header, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      const byte = byteAt(at);
      at += 1;
      if (shift > 28) throw new RunsError('a run of no length');
      header += (byte & 0x7f) * 2 ** shift;
      more = (byte & 0x80) !== 0;
    }
    const packed = header % 2 === 1;
    const values = Math.floor(header / 2) * (packed ? 8 : 1);
    const left = count - seen;
    // Packed values come in eights, the last of which may be filled up.
    if (values > (packed ? Math.ceil(left / 8) * 8 : left))
      throw new RunsError(`a run of ${values} of ${left} values`);
    const size = packed ? (values / 8) * width : Math.ceil(width / 8);
    // Filling that no value needs may be left out at the end of a page.
    if (!packed && at + size > bytes.length) throw new RunsError('runs that end too early');
    if (width === 1) ones += packed ? onesOf(byteAt, at, Math.min(values, left)) : (byteAt(at) & 1) * values;
    at += size;
    seen += values;
  }
  return ones;
}

function onesOf(byteAt: (place: number) => number, from: number, count: number): number {
  let ones = 0;
  for (let value = 0; value < count; value += 1) ones += (byteAt(from + (value >> 3)) >> (value & 7)) & 1;
  return ones;
}
