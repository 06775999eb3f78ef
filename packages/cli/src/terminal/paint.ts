/** Colours for one stream: none without a terminal or when the user asked for none (https://no-color.org). */
import { Ansis } from 'ansis';
import type { Io, OutputStream } from '../io.js';

export type Paint = Ansis;

/** 0: no colours, 2: 256 of them, 3: all. */
export function colorLevel(stream: OutputStream, env: Io['env']): 0 | 2 | 3 {
  if (env['NO_COLOR'] || env['FORCE_COLOR'] === '0') return 0;
  if (!env['FORCE_COLOR'] && (stream.isTTY !== true || env['TERM'] === 'dumb')) return 0;
  return /truecolor|24bit/.test(env['COLORTERM'] ?? '') || env['FORCE_COLOR'] === '3' ? 3 : 2;
}

export function paintFor(stream: OutputStream, env: Io['env']): Paint {
  return new Ansis(colorLevel(stream, env));
}

/** Columns that a text takes, colours left out. All our characters are one column wide. */
export function width(text: string): number {
  return [...new Ansis(0).strip(text)].length;
}

/** Columns of a stream: 80 where it does not say, and wherever it is no terminal. */
export function columnsOf(stream: OutputStream): number {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0 ? stream.columns : 80;
}

/** Breaks a text into lines of at most `columns` at its spaces. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  // A command in backticks stays in one piece, to be copied.
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    if (line !== '' && width(line) + 1 + width(word) > columns - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => indent + one).join('\n');
}
