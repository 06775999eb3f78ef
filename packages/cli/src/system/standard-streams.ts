/**
 * Standard output and error of the program, taken for the command alone. What others write there, plug-ins and libraries,
 * is cut into lines and goes to standard error; and a reader that goes away ends no run.
 */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { visible } from '@ligature/core';
import { LineCutter } from '@ligature/core/node';
import type { OutputStream } from '../io.js';

export interface StandardStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Hands over the lines that others print, in place of writing them to standard error; returns how to stop that. */
  readonly onPrinted: (listener: (line: string) => void) => () => void;
  /** Why standard output, which is what was asked for, could not be written; a reader that has seen enough is no reason. */
  readonly failure: () => NodeJS.ErrnoException | undefined;
  /** What others left without an end of line is written, too. */
  readonly flush: () => void;
}

type Written = Pick<NodeJS.WriteStream, 'write' | 'on' | 'isTTY' | 'columns' | 'rows'>;
type WriteCallback = (error?: Error | null) => void;

/** Nobody is there any more: a pipe was closed, a terminal went away. */
const GONE = ['EPIPE', 'ECONNRESET', 'EIO', 'ENXIO', 'ENOTCONN', 'ERR_STREAM_DESTROYED'];

class Taken implements OutputStream {
  failure: NodeJS.ErrnoException | undefined;
  closed = false;
  readonly #write: (text: string) => unknown;

  constructor(private readonly stream: Written) {
    this.#write = stream.write.bind(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (GONE.includes(error.code ?? '')) this.closed = true;
      else this.failure ??= error;
    });
  }

  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  get columns(): number | undefined {
    return this.stream.columns;
  }

  get rows(): number | undefined {
    return this.stream.rows;
  }

  write(text: string): void {
    if (!this.closed) this.#write(text);
  }
}

/** From now on `process.stdout` and `process.stderr` of everybody else lead to the lines of `onPrinted`. */
export function takeStandardStreams(
  given: { readonly stdout: Written; readonly stderr: Written } = process,
): StandardStreams {
  const stdout = new Taken(given.stdout);
  const stderr = new Taken(given.stderr);
  const listeners: ((line: string) => void)[] = [(line) => stderr.write(`${visible(line)}\n`)];
  const cutters = [given.stdout, given.stderr].map((stream) => {
    const cutter = new LineCutter((line) => listeners.at(-1)?.(line));
    stream.write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | WriteCallback,
      callback?: WriteCallback,
    ): boolean => {
      cutter.write(
        typeof chunk === 'string' && typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
          ? Buffer.from(chunk, encoding)
          : chunk,
      );
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
    return cutter;
  });
  return {
    stdout,
    stderr,
    onPrinted(listener) {
      listeners.push(listener);
      return () => {
        const at = listeners.indexOf(listener);
        if (at > 0) listeners.splice(at, 1);
      };
    },
    failure: () => stdout.failure,
    flush: () => cutters.forEach((cutter) => cutter.end()),
  };
}

/**
 * Node puts terminals back as it found them when it ends, and aborts where one has been closed meanwhile: those are given
 * up before.
 */
export function giveUpLostTerminals(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on('exit', () => {
    for (const descriptor of terminals) {
      if (isatty(descriptor)) continue;
      try {
        closeSync(descriptor);
      } catch {
        // Somebody else has given it up.
      }
    }
  });
}

/** Warnings go the same way: Node would write them as they are, and end where they cannot be written. */
export function takeWarnings(): void {
  // None: they were switched off.
  if (process.listenerCount('warning') === 0) return;
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    process.stderr.write(`(node:${process.pid}) ${name}: ${message}\n`);
  });
}
