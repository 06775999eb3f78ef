/** Processes that encode texts side by side. What they give is what one would give, in the same order. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Choice, Json, PluginHost, PrepareContext, Tokenizer } from '@ligature/core';

/** What a process makes its tokenizer from. */
export interface EncoderOrder extends Choice {
  readonly saved: Json;
}

export interface ToEncoder {
  readonly order?: EncoderOrder;
  readonly text?: string;
}

export interface FromEncoder {
  readonly ready?: true;
  readonly ids?: Int32Array;
}

/** Each holds tables and a cache of words of its own, of some tens of megabytes. */
const MOST = 4;

/** Texts that wait at each process, so that none has to wait for the next one. */
const WAITING = 2;

/** Whose tokenizers another process can make again; those of other plug-ins are known to this one alone. */
const KNOWN = '@ligature/tokenizers';

/** Beside this file, in the same form (compiled or source). */
const PROGRAM = new URL(`./program${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Encodes texts in their order, on as many cores as there are, up to four.
 *
 * @returns nothing where there is one core, or where no other process can make the tokenizer
 */
export function parallelEncoder(
  { name, options }: Choice,
  host: Pick<PluginHost, 'plugins'>,
  processes = Math.min(availableParallelism(), MOST),
): PrepareContext['encodeAll'] {
  const isKnown = host
    .plugins()
    .some((plugin) => plugin.name === KNOWN && Object.hasOwn(plugin.tokenizers ?? {}, name));
  if (processes < 2 || !isKnown) return undefined;
  return (tokenizer, texts) =>
    encodeAll(tokenizer, { name, options, saved: tokenizer.toJSON() }, texts, processes);
}

async function* encodeAll(
  tokenizer: Tokenizer,
  order: EncoderOrder,
  texts: AsyncIterable<string>,
  count: number,
): AsyncGenerator<Int32Array> {
  const started = await Promise.all(Array.from({ length: count }, () => Encoder.start(order)));
  const encoders = started.filter((encoder) => encoder !== undefined);
  const waiting: Promise<Int32Array>[] = [];
  try {
    let next = 0;
    for await (const text of texts) {
      const encoder = encoders[next % encoders.length];
      next += 1;
      // What another process cannot encode is encoded here, to fail with the error that the tokenizer has.
      const here = async (): Promise<Int32Array> => tokenizer.encode(text);
      const ids = encoder ? encoder.encode(text).catch(here) : here();
      // Of several that fail, the first one in order is told.
      ids.catch(() => undefined);
      waiting.push(ids);
      if (waiting.length > WAITING * encoders.length) yield await (waiting.shift() as Promise<Int32Array>);
    }
    for (const ids of waiting) yield await ids;
  } finally {
    for (const encoder of encoders) encoder.end();
  }
}

interface Asked {
  readonly resolve: (ids: Int32Array) => void;
  readonly reject: (error: Error) => void;
}

class Encoder {
  readonly #child: ChildProcess;
  readonly #asked: Asked[] = [];
  #ended = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ ids }: FromEncoder) => {
      if (ids) this.#asked.shift()?.resolve(ids);
    });
    child.on('error', () => this.#fail());
    child.on('exit', () => this.#fail());
  }

  /** @returns nothing where the process cannot be made */
  static start(order: EncoderOrder): Promise<Encoder | undefined> {
    return new Promise((resolve) => {
      const child = fork(fileURLToPath(PROGRAM), [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      const failed = (): void => resolve(undefined);
      child.once('error', failed);
      child.once('exit', failed);
      child.once('message', () => resolve(new Encoder(child)));
      child.send({ order } satisfies ToEncoder, () => undefined);
    });
  }

  encode(text: string): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      if (this.#ended) this.#fail();
      else this.#child.send({ text } satisfies ToEncoder, () => undefined);
    });
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #fail(): void {
    this.#ended = true;
    for (const { reject } of this.#asked.splice(0)) reject(new Error('a process that encodes has ended'));
  }
}
