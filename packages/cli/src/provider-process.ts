/** Entry of a process that tries one execution provider of onnxruntime: a native part that crashes ends only this. */
import { selectBackend } from '@ligature/backends';
import { LigatureError } from '@ligature/core';
import { checkStep } from '@ligature/run';
import { createHost } from './builtins.js';
import type { FromProvider } from './doctor/messages.js';

async function attempt(provider: string): Promise<FromProvider> {
  try {
    const host = createHost();
    await selectBackend('cpu', host);
    const { version, detail } = await selectBackend({ name: 'onnxruntime', options: { provider } }, host);
    return { kind: 'computed', version, detail, ...(await checkStep(() => performance.now())) };
  } catch (error) {
    if (error instanceof LigatureError) {
      return { kind: 'refused', reason: error.parts.found, todo: error.parts.todo };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', reason, todo: 'Use the provider "cpu"' };
  }
}

void attempt(process.argv[2] ?? 'cpu').then((answer) => process.send?.(answer, () => process.disconnect()));
