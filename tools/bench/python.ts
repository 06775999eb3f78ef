/** Peers in Python: where it has what they need, and one order to them. */
import { spawn, spawnSync } from 'node:child_process';
import { InputError } from '@ligature/core';

const CANDIDATES = ['python3', '/usr/bin/python3'];

export interface Needed {
  readonly module: string;
  readonly asked: string;
  readonly todo: string;
}

/** @throws InputError (`MODULE-missing`) when no python3 has the module */
export function findPython(
  { module, asked, todo }: Needed,
  candidates: readonly string[] = CANDIDATES,
): string {
  const found = candidates.map((python) => {
    const run = spawnSync(python, ['-c', `import ${module}; print(${module}.__version__)`], {
      encoding: 'utf8',
    });
    if (run.status === 0) return { python, reason: null };
    return {
      python,
      reason: run.error?.message ?? (run.stderr.trim().split('\n').at(-1) || 'it failed'),
    };
  });
  const works = found.find(({ reason }) => reason === null);
  if (works) return works.python;
  throw new InputError(`${module}-missing`, {
    asked,
    found: `no python3 with ${module}: ${found.map(({ python, reason }) => `${python}: ${reason}`).join('; ')}`,
    todo,
  });
}

/** Gives a script one JSON object, and takes one from it. @throws Error when it fails */
export function runPython<T>(
  python: string,
  script: string,
  request: object,
  env: NodeJS.ProcessEnv = process.env,
): Promise<T> {
  const child = spawn(python, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(JSON.stringify(request));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as T);
      else reject(new Error(`${python} with ${script} ended with ${signal ?? `status ${code}`}`));
    });
  });
}
