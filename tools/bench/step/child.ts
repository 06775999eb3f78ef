/** One backend's measurement in a process of its own; the parent sends the request and gets one answer. */
import { InputError, type ErrorParts } from '@ligature/core';
import { measureStep, type StepMeasurement, type StepRequest } from './measure.js';

export type Answer =
  | { readonly measured: StepMeasurement }
  | { readonly refused: { readonly code: string; readonly parts: ErrorParts } }
  | { readonly failed: string };

async function answer(request: StepRequest): Promise<Answer> {
  try {
    return { measured: await measureStep(request, (line) => process.stderr.write(`${line}\n`)) };
  } catch (error) {
    if (error instanceof InputError) return { refused: { code: error.code, parts: error.parts } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once('message', (request: StepRequest) => {
  void answer(request).then((result) => process.send!(result, () => process.disconnect()));
});
