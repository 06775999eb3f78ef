/**
 * The one way to a terminal. Whatever a command writes goes through here, and nothing but our own colours and line
 * breaks acts on what it is shown on. Who prints a text from outside shows it with `visible` before he paints it, so
 * that it cannot use our colours either; this is what holds where somebody forgets.
 */
import { visible } from '@ligature/core';
import type { Io, OutputStream } from '../io.js';
import { colorLevel } from './paint.js';

/** What `paintFor` writes: bold, dim, one of the colours, or the end of one of these. */
const STYLE = /(\u001b\[(?:1|2|22|3[0-7]|39|49|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})m)/;

/** @param styled whether our colours may stay */
export function shownText(text: string, styled: boolean): string {
  if (!styled) return visible(text);
  return text
    .split(STYLE)
    .map((part, at) => (at % 2 === 1 ? part : visible(part)))
    .join('');
}

/** The same surroundings with guarded streams. */
export const guarded = (io: Io): Io => ({
  ...io,
  stdout: new GuardedStream(io.stdout, io.env),
  stderr: new GuardedStream(io.stderr, io.env),
});

class GuardedStream implements OutputStream {
  constructor(
    private readonly stream: OutputStream,
    private readonly env: Io['env'],
  ) {}

  get isTTY(): boolean | undefined {
    return this.stream.isTTY;
  }

  get columns(): number | undefined {
    return this.stream.columns;
  }

  get rows(): number | undefined {
    return this.stream.rows;
  }

  get closed(): boolean {
    return this.stream.closed === true;
  }

  write(text: string): unknown {
    return this.stream.write(shownText(text, colorLevel(this.stream, this.env) > 0));
  }

  raw(text: string): unknown {
    return this.stream.write(text);
  }
}
