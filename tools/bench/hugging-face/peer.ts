/** Hugging Face's tokenizers as a peer: finds a python3 that has them and lets it encode the same text. */
import { fileURLToPath } from 'node:url';
import type { EncodeMeasurement } from '../measures/encode.js';
import { findPython, runPython } from '../python.js';

const SCRIPT = fileURLToPath(new URL('./encode.py', import.meta.url));

/** @throws InputError when no python3 has tokenizers */
export const findTokenizers = (candidates?: readonly string[]): string =>
  findPython(
    {
      module: 'tokenizers',
      asked: "Measure Hugging Face's tokenizers, too",
      todo: 'Install it (`pip install tokenizers`), name the python3 that has it with --python, or leave --tokenizers out',
    },
    candidates,
  );

/** @throws Error when the script fails */
export const measureTokenizers = (
  python: string,
  request: { readonly text: string; readonly tokenizer: string },
): Promise<EncodeMeasurement> => runPython<EncodeMeasurement>(python, SCRIPT, request);
