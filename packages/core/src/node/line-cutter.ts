/** Cuts what arrives piece by piece into lines. */
import { StringDecoder } from 'node:string_decoder';

/** A line that does not end is handed on in parts of so many characters: nobody's memory is filled by one. */
const LONGEST = 16_384;

/** Texts, and bytes in UTF-8 that may be cut anywhere. */
export class LineCutter {
  #rest = '';
  readonly #decoder = new StringDecoder('utf8');

  constructor(private readonly take: (line: string) => void) {}

  write(chunk: string | Uint8Array): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(Buffer.from(chunk));
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.take(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > LONGEST) {
      this.take(this.#rest.slice(0, LONGEST));
      this.#rest = this.#rest.slice(LONGEST);
    }
  }

  /** What has no end of line yet, if there is anything. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.take(rest);
  }
}
