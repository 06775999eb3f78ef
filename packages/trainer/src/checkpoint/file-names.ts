/** The files of a checkpoint, and how large each may be: what is saved can be read, and reading takes bounded memory. */

export const MANIFEST_FILE = 'checksums.json';
export const MAX_MANIFEST_BYTES = 1_000_000;

export const WEIGHTS_FILE = 'model.safetensors';
export const DESCRIPTION_FILE = 'model.json';
export const STATE_FILE = 'state.json';
export const ARRAYS_FILE = 'state.safetensors';

/** The largest file that Node reads at once. */
const MAX_ARRAYS_BYTES = 2 ** 31 - 1;

export const FILE_LIMITS = {
  [WEIGHTS_FILE]: MAX_ARRAYS_BYTES,
  // A tokenizer of 250 000 tokens takes 20 MB.
  [DESCRIPTION_FILE]: 2 ** 26,
  [STATE_FILE]: 2 ** 28,
  [ARRAYS_FILE]: MAX_ARRAYS_BYTES,
} as const;

export type FileName = keyof typeof FILE_LIMITS;
