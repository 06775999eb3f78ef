const BYTE = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `ByteFallback`: runs of `<0xE2>` as the text that they spell, or one U+FFFD for each if they spell none. */
export function byteFallback(tokens: readonly string[]): string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) texts.push(...spelled(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = BYTE.exec(token)?.[1];
    if (byte === undefined) {
      flush();
      texts.push(token);
    } else bytes.push(Number.parseInt(byte, 16));
  }
  flush();
  return texts;
}

function spelled(bytes: readonly number[]): string[] {
  try {
    return [strict.decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => '\ufffd');
  }
}
