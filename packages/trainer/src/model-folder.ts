/** A model saved for use: a checkpoint without the state of a run. It is there whole or not at all. */
import { resolve } from 'node:path';
import { nodeFileSystem, unwritable, writeFolder } from '@ligature/core/node';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { readCheckpoint } from './checkpoint/checkpoint-reader.js';
import { MANIFEST_FILE } from './checkpoint/file-names.js';
import { encodeManifest } from './checkpoint/manifest.js';
import { encodeModel } from './checkpoint/model-files.js';
import type { ModelDescription, SavedModel } from './checkpoint/model-files.js';

/**
 * Writes the registry's weights and the description into `folder`, replacing a model that is there.
 *
 * @throws InputError (`folder-unwritable`) naming the folder when it cannot be written; what was there before stays
 */
export async function saveModel(
  folder: string,
  registry: WeightRegistry,
  description: ModelDescription,
): Promise<void> {
  const files = encodeModel(registry.exportWeights(), description);
  const manifest = encodeManifest(description.step, null, files);
  try {
    await writeFolder(nodeFileSystem, resolve(folder), new Map([...files, [MANIFEST_FILE, manifest]]));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * Reads the model of a folder: a saved model or a checkpoint, of this version or an older one.
 *
 * @throws InputError (`model-missing`, `model-invalid`, `checkpoint-damaged`, `checkpoint-newer`), or what the
 *   safetensors reader throws for broken weights
 */
export async function loadModel(folder: string): Promise<SavedModel> {
  return (await readCheckpoint(nodeFileSystem, folder)).model;
}
