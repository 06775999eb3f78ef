import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@ligature/core';
import type { Answer } from './child.js';
import type { Measurement, Order, Request, TaskName } from './tasks.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const childOf = (root: string): string => join(root, 'tools', 'bench', 'process', 'child.ts');

/** @throws InputError when the folder is no installed checkout that can be measured */
export function checkBench(root: string): void {
  const lacks = [childOf(root), join(root, 'node_modules')].find((path) => !existsSync(path));
  if (lacks === undefined) return;
  throw new InputError('checkout-unusable', {
    asked: `Measure the checkout in "${root}"`,
    found: `there is no ${lacks}`,
    todo: 'Name a checkout of this repository in which `node tools/setup.mjs` was run',
  });
}

/**
 * Measures in a fresh process, so that backends do not share memory, kernels or a warmed-up engine.
 * @param root the checkout whose bench and packages measure; both must understand the same requests
 * @throws InputError when the backend cannot run here; Error when the child fails.
 */
export async function measureInChild<T extends TaskName>(
  task: T,
  request: Request<T>,
  root = ROOT,
): Promise<Measurement<T>> {
  const name = `${task} on ${request.backend}`;
  const child = fork(childOf(root), {
    // Where `tsx` is looked for, and so the packages of that checkout are found and no others.
    cwd: root,
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
