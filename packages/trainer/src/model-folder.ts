/**
 * A saved model: a folder with `model.safetensors` (every block once, the tie map in its metadata) and `model.json`
 * (what else is needed to build it again). It is written beside its place, synced and renamed, so that a reader
 * finds a whole model or none.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describeIssues, InputError, runConfigSchema } from '@ligature/core';
import type { Json, RunConfig } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors } from '@ligature/weight-sharing';
import type { WeightRegistry, WeightsFile } from '@ligature/weight-sharing';
import { z } from 'zod';

const WEIGHTS_FILE = 'model.safetensors';
const DESCRIPTION_FILE = 'model.json';

/** What a model needs besides its weights. */
export interface ModelDescription {
  /** The configuration of the run that trained it: names and options of model and tokenizer. */
  readonly config: RunConfig;
  /** `Tokenizer.toJSON()`. */
  readonly tokenizerJson: Json;
  readonly vocabularySize: number;
  /** Training steps that it has seen. */
  readonly step: number;
}

/** A loaded model: build the model from the description, then `registry.importWeights(weights)`. */
export interface SavedModel extends ModelDescription {
  readonly weights: WeightsFile;
}

const descriptionSchema = z.object({
  format: z.literal('ligature-model'),
  version: z.literal(1),
  step: z.int().min(0),
  vocabularySize: z.int().positive(),
  tieMap: z.array(z.int().min(0)),
  config: runConfigSchema,
  tokenizerJson: z.json(),
});

/** Where a run keeps the model of a step, inside its folder: `checkpoints/step-000200`. */
export function checkpointPath(step: number): string {
  return join('checkpoints', `step-${String(step).padStart(6, '0')}`);
}

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
  const { config, tokenizerJson, vocabularySize, step } = description;
  const json: z.input<typeof descriptionSchema> = {
    format: 'ligature-model',
    version: 1,
    step,
    vocabularySize,
    tieMap: [...registry.tieMap],
    config,
    tokenizerJson: tokenizerJson as z.input<typeof descriptionSchema>['tokenizerJson'],
  };
  const place = resolve(folder);
  const aside = `${place}.partial`;
  const previous = `${place}.previous`;
  try {
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    await writeSynced(join(aside, WEIGHTS_FILE), encodeSafetensors(registry.exportWeights()));
    await writeSynced(join(aside, DESCRIPTION_FILE), `${JSON.stringify(json, null, 2)}\n`);
    await rm(previous, { recursive: true, force: true });
    await rename(place, previous).catch(ignoreMissing);
    await rename(aside, place);
    await rm(previous, { recursive: true, force: true });
    await syncFolder(dirname(place));
  } catch (error) {
    // Puts back what was there, if it was moved away already; fails harmlessly if it was not.
    await rename(previous, place).catch(() => undefined);
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    if (!isSystemError(error)) throw error;
    throw new InputError(
      'folder-unwritable',
      {
        asked: `Save the model in the folder "${folder}"`,
        found: error.message,
        todo: 'Choose a folder that can be written, or mend its permissions',
      },
      { cause: error },
    );
  }
}

/**
 * Reads a saved model.
 *
 * @throws InputError (`model-missing`, `model-invalid`), or what the safetensors reader throws for broken weights
 */
export async function loadModel(folder: string): Promise<SavedModel> {
  const place = resolve(folder);
  const text = await readPart(folder, join(place, DESCRIPTION_FILE));
  const bytes = await readPart(folder, join(place, WEIGHTS_FILE));
  const parsed = descriptionSchema.safeParse(parseJson(folder, text.toString('utf8')));
  if (!parsed.success) throw invalid(folder, describeIssues(parsed.error));
  const { config, tokenizerJson, vocabularySize, step } = parsed.data;
  return { config, tokenizerJson, vocabularySize, step, weights: decodeSafetensors(bytes) };
}

async function readPart(folder: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(
      'model-missing',
      {
        asked: `Load the model in the folder "${folder}"`,
        found: error instanceof Error ? error.message : String(error),
        todo: `Name a folder that holds ${DESCRIPTION_FILE} and ${WEIGHTS_FILE}`,
      },
      { cause: error },
    );
  }
}

function parseJson(folder: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(folder, error instanceof Error ? error.message : String(error));
  }
}

const invalid = (folder: string, found: string): InputError =>
  new InputError('model-invalid', {
    asked: `Load the model in the folder "${folder}"`,
    found: `${DESCRIPTION_FILE} is damaged or of another version: ${found}`,
    todo: 'Train or save the model again',
  });

/** Writes and waits until the bytes are on the disk: a rename must never overtake them. */
async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable; some systems cannot open a folder, and then it is left to them. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync();
  } catch {
    // Not supported here (Windows): the rename is atomic all the same.
  } finally {
    await folder?.close();
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
