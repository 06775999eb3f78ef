import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '@ligature/core';
import type { Answer } from './child.js';
import type { Measurement, Order, Request, TaskName } from './tasks.js';

/**
 * Measures in a fresh process, so that backends do not share memory, kernels or a warmed-up engine.
 * @throws InputError when the backend cannot run here; Error when the child fails.
 */
export async function measureInChild<T extends TaskName>(
  task: T,
  request: Request<T>,
): Promise<Measurement<T>> {
  const name = `${task} on ${request.backend}`;
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    // Standard output belongs to the parent's result; what a backend prints there goes to standard error.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const answer = await new Promise<Answer>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the process that measured ${name} ended early (${signal ?? `exit status ${code}`})`));
    });
    child.send({ task, request } satisfies Order);
  });
  if ('measured' in answer) return answer.measured as Measurement<T>;
  if ('refused' in answer) throw new InputError(answer.refused.code, answer.refused.parts);
  throw new Error(`Measuring ${name} failed: ${answer.failed}`);
}
