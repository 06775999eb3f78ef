import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '@ligature/core';
import type { Answer } from './child.js';
import type { StepMeasurement, StepRequest } from './measure.js';

/**
 * Measures in a fresh process, so that backends do not share memory, kernels or a warmed-up engine.
 * @throws InputError when the backend cannot run here; Error when the child fails.
 */
export async function measureInChild(request: StepRequest): Promise<StepMeasurement> {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    // Standard output belongs to the parent's result; what a backend prints there goes to standard error.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const answer = await new Promise<Answer>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(
        new Error(
          `the process that measured ${request.backend} ended early (${signal ?? `exit status ${code}`})`,
        ),
      );
    });
    child.send(request);
  });
  if ('measured' in answer) return answer.measured;
  if ('refused' in answer) throw new InputError(answer.refused.code, answer.refused.parts);
  throw new Error(`Measuring ${request.backend} failed: ${answer.failed}`);
}
