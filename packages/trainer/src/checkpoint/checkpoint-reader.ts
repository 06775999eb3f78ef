/** Reads a checkpoint of any version that ever was; every byte is checked against its checksum before it is used. */
import { join, resolve } from 'node:path';
import { InputError, LigatureError } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import { isSystemError, resolveFolder, type FileSystem } from '@ligature/core/node';
import { decodeSafetensors } from '@ligature/weight-sharing';
import { parseBoundedJson } from './bounded-json.js';
import {
  ARRAYS_FILE,
  DESCRIPTION_FILE,
  FILE_LIMITS,
  MANIFEST_FILE,
  MAX_MANIFEST_BYTES,
  STATE_FILE,
  WEIGHTS_FILE,
} from './file-names.js';
import type { FileName } from './file-names.js';
import { damaged, decodeManifest, digestOf } from './manifest.js';
import type { FileDigest, Manifest } from './manifest.js';
import { decodeModel } from './model-files.js';
import type { SavedModel } from './model-files.js';
import { decodeState } from './state-codec.js';

export interface CheckpointContent {
  readonly model: SavedModel;
  readonly score: number | null;
  /** What a run needs to go on; not there when a model was saved for use only. */
  readonly parts?: Record<string, Snapshot>;
}

type Reader = (fs: FileSystem, place: string, manifest: Manifest | undefined) => Promise<CheckpointContent>;

/** By format version; 0 is that of folders without checksums. A new version adds its reader here. */
const READERS = new Map<number, Reader>([
  [0, readModelOnly],
  [1, readChecked],
]);

/**
 * @throws InputError: `model-missing`, `checkpoint-damaged`, `checkpoint-newer`, or what the readers of its files throw
 */
export async function readCheckpoint(fs: FileSystem, folder: string): Promise<CheckpointContent> {
  try {
    const place = await resolveFolder(fs, resolve(folder));
    const manifest = await readManifest(fs, place);
    const reader = READERS.get(manifest?.version ?? 0) as Reader;
    return await reader(fs, place, manifest);
  } catch (error) {
    if (error instanceof LigatureError) throw error;
    throw damaged(folder, error instanceof Error ? error.message : String(error));
  }
}

/** @returns nothing where there is none: such a folder holds a model of version 0, or no model at all */
export async function readManifest(fs: FileSystem, place: string): Promise<Manifest | undefined> {
  try {
    return decodeManifest(place, await fs.read(join(place, MANIFEST_FILE), MAX_MANIFEST_BYTES));
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    if (error instanceof LigatureError) throw error;
    throw damaged(place, `${MANIFEST_FILE}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readModelOnly(fs: FileSystem, place: string): Promise<CheckpointContent> {
  if ((await listed(fs, place)).includes(STATE_FILE)) throw damaged(place, `${MANIFEST_FILE} is missing`);
  const read = async (name: FileName): Promise<Uint8Array> => {
    try {
      return await fs.read(join(place, name), FILE_LIMITS[name]);
    } catch (error) {
      throw missing(place, error);
    }
  };
  const description = await read(DESCRIPTION_FILE);
  const weights = await read(WEIGHTS_FILE);
  return { model: decodeModel(place, description, weights), score: null };
}

async function readChecked(
  fs: FileSystem,
  place: string,
  manifest: Manifest | undefined,
): Promise<CheckpointContent> {
  const { files, score, step } = manifest as Manifest;
  const read = async (name: FileName, digest: FileDigest): Promise<Uint8Array> => {
    const bytes = await fs
      .read(join(place, name), Math.min(digest.bytes, FILE_LIMITS[name]))
      .catch((error: Error) => {
        throw damaged(place, `${name}: ${error.message}`);
      });
    const found = digestOf(bytes);
    if (found.bytes !== digest.bytes) {
      throw damaged(place, `${name} has ${found.bytes} bytes, not ${digest.bytes}`);
    }
    if (found.sha256 !== digest.sha256) throw damaged(place, `${name} does not match its checksum`);
    return bytes;
  };
  const description = await read(DESCRIPTION_FILE, files[DESCRIPTION_FILE]);
  const weights = await read(WEIGHTS_FILE, files[WEIGHTS_FILE]);
  const model = decodeModel(place, description, weights);
  if (model.step !== step) throw damaged(place, `${DESCRIPTION_FILE} is of step ${model.step}, not ${step}`);
  const state = files[STATE_FILE];
  const arrays = files[ARRAYS_FILE];
  if (!state || !arrays) return { model, score };
  const json = parseBoundedJson(await read(STATE_FILE, state), STATE_FILE);
  const { tensors } = decodeSafetensors(await read(ARRAYS_FILE, arrays));
  return { model, score, parts: decodeState(json, tensors) };
}

async function listed(fs: FileSystem, place: string): Promise<readonly string[]> {
  try {
    return await fs.list(place);
  } catch (error) {
    throw missing(place, error);
  }
}

function missing(folder: string, error: unknown): InputError {
  return new InputError(
    'model-missing',
    {
      asked: `Load the model in the folder "${folder}"`,
      found: error instanceof Error ? error.message : String(error),
      todo: `Name a folder that holds ${DESCRIPTION_FILE} and ${WEIGHTS_FILE}`,
    },
    { cause: error },
  );
}
