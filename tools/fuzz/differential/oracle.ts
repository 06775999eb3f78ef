/**
 * Hugging Face's own library, in Rust: what it gives is right. It is there for most platforms, not for all, and runs
 * in a process of its own, which is started again when it has panicked.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Whether the native library runs on this machine. */
export const oracleRuns = loads();

function loads(): boolean {
  try {
    createRequire(import.meta.url)('@anush008/tokenizers');
    return true;
  } catch {
    return false;
  }
}

export interface Answers {
  /** The ids of each text, without the special tokens of the post-processor; null where the library refuses it. */
  readonly encoded: readonly (readonly number[] | null)[];
  /** The text of each list of ids, special tokens included. */
  readonly decoded: readonly (string | null)[];
}

interface Request {
  readonly json: string;
  readonly texts: readonly string[];
  readonly lists: readonly (readonly number[])[];
  readonly words?: true;
}

const PROGRAM = fileURLToPath(new URL('./oracle-process.mjs', import.meta.url));
let running: ChildProcess | undefined;

/** @returns an empty answer when the library refuses the file, or panics */
async function ask<T>(request: Request): Promise<Partial<T>> {
  running ??= fork(PROGRAM, [], { execArgv: [], stdio: 'ignore', serialization: 'advanced' });
  const child = running;
  // It keeps this process alive only while an answer is due.
  child.ref();
  child.channel?.ref();
  const gone = new AbortController();
  try {
    const ended = once(child, 'exit', { signal: gone.signal }).then(() => {
      running = undefined;
      return [{}];
    });
    const answered = once(child, 'message', { signal: gone.signal });
    // Whoever loses the race is called off.
    for (const one of [ended, answered]) one.catch(() => undefined);
    child.send(request);
    const [answer] = (await Promise.race([answered, ended])) as [Partial<T>];
    return answer;
  } finally {
    gone.abort();
    child.unref();
    child.channel?.unref();
  }
}

/** @returns nothing when the native library refuses the file, or panics */
export async function askOracle(
  file: unknown,
  texts: readonly string[],
  lists: readonly (readonly number[])[] = [],
): Promise<Answers | undefined> {
  const { encoded, decoded } = await ask<Answers>({ json: JSON.stringify(file), texts, lists });
  return encoded && decoded && { encoded, decoded };
}

/** The words that the model of a file gets. */
export async function askWords(file: unknown, texts: readonly string[]): Promise<string[] | undefined> {
  return (await ask<{ words: string[] }>({ json: JSON.stringify(file), texts, lists: [], words: true }))
    .words;
}
