/** One measurement in a process of its own; the parent sends the order and gets one answer. */
import { InputError, type ErrorParts } from '@ligature/core';
import { perform, type Order } from './tasks.js';

export type Answer =
  | { readonly measured: unknown }
  | { readonly refused: { readonly code: string; readonly parts: ErrorParts } }
  | { readonly failed: string };

async function answer(order: Order): Promise<Answer> {
  try {
    return { measured: await perform(order, (line) => process.stderr.write(`${line}\n`)) };
  } catch (error) {
    if (error instanceof InputError) return { refused: { code: error.code, parts: error.parts } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once('message', (order: Order) => {
  void answer(order).then((result) => process.send!(result, () => process.disconnect()));
});
