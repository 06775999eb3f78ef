/** Starts the programs beside this file, on the packages' sources. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Program {
  readonly child: ChildProcess;
  /** The next line that it writes, parsed; `undefined` at its end. */
  line(): Promise<unknown>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/** @param limit a shell command that is run first, such as `ulimit -f 100` */
export function start(name: string, args: readonly string[], limit?: string): Program {
  const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const command = [process.execPath, '--conditions=@ligature/source', '--import', 'tsx', path, ...args];
  const child = limit
    ? spawn('sh', ['-c', `${limit}; exec "$@"`, 'sh', ...command])
    : spawn(command[0] as string, command.slice(1));
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr?.pipe(process.stderr);
  const lines = readLines(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const line = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done) return undefined;
    return value === 'ready' ? value : JSON.parse(value);
  };
  return { child, line, ended };
}

async function* readLines(child: ChildProcess): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
