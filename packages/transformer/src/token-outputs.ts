import { InputError } from '@ligature/core';

/** @throws InputError (`head-outputs-invalid`) for a head over tokens with another number of them than the model reads */
export function assertTokenOutputs(outputs: number, vocabularySize: number): void {
  if (outputs === vocabularySize) return;
  throw new InputError('head-outputs-invalid', {
    asked: `Predict one of ${outputs} tokens`,
    found: `the vocabulary has ${vocabularySize} tokens`,
    todo: `Ask for ${vocabularySize} outputs, or make the model for a vocabulary of ${outputs}`,
  });
}
