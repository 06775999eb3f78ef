/**
 * GPT-2's printable stand-ins for bytes, as every byte-level `tokenizer.json` spells its tokens: printable
 * Latin-1 characters stand for themselves, the other 68 bytes for U+0100, U+0101, … in order of the byte.
 */
const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

const byteSymbols: string[] = [];
let standIns = 0;
for (let byte = 0; byte < 256; byte += 1) {
  byteSymbols.push(String.fromCharCode(isPrintable(byte) ? byte : 0x100 + standIns++));
}

/** The stand-in of each byte. */
export const BYTE_SYMBOLS: readonly string[] = byteSymbols;

const symbolBytes: ReadonlyMap<string, number> = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/** Bytes in the order in which trainers number them: by the code of their stand-in. */
export const BYTES_BY_SYMBOL: readonly number[] = byteSymbols
  .map((symbol, byte) => ({ code: symbol.charCodeAt(0), byte }))
  .sort((a, b) => a.code - b.code)
  .map(({ byte }) => byte);

/** The bytes that a token spells; `undefined` if it is not written in stand-ins. */
export function tokenBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i += 1) {
    const byte = symbolBytes.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
