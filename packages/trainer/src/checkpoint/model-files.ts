/**
 * The two files of a model: `model.safetensors` (every block once, the tie map in its metadata) and `model.json`
 * (what else is needed to build it again).
 */
import { assertJsonDepth, ContractError, describeIssues, InputError, runConfigSchema } from '@ligature/core';
import type { Json, RunConfig } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors } from '@ligature/weight-sharing';
import type { SafetensorsFile, WeightsFile } from '@ligature/weight-sharing';
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { DESCRIPTION_FILE, WEIGHTS_FILE } from './file-names.js';

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
  // Whatever the tokenizer wrote: it checks that itself when it is made again.
  tokenizerJson: z.custom<Json>((value) => value !== undefined),
});

/**
 * @param weights as `WeightRegistry.exportWeights` gives them
 * @throws ContractError (`model-unwritable`) when the description is nested too deeply to be read again
 */
export function encodeModel(
  weights: SafetensorsFile,
  description: ModelDescription,
): ReadonlyMap<typeof WEIGHTS_FILE | typeof DESCRIPTION_FILE, Uint8Array> {
  const { config, tokenizerJson, vocabularySize, step } = description;
  const json: z.input<typeof descriptionSchema> = {
    format: 'ligature-model',
    version: 1,
    step,
    vocabularySize,
    tieMap: JSON.parse(weights.metadata['tieMap'] ?? '[]') as number[],
    config,
    tokenizerJson,
  };
  const text = `${JSON.stringify(json, null, 2)}\n`;
  try {
    assertJsonDepth(text);
  } catch (error) {
    throw new ContractError('model-unwritable', {
      asked: `Save the model of step ${step}`,
      found: `in ${DESCRIPTION_FILE}, ${error instanceof Error ? error.message : String(error)}`,
      todo: 'Let the tokenizer and the options be flatter',
    });
  }
  return new Map([
    [WEIGHTS_FILE, encodeSafetensors(weights)] as const,
    [DESCRIPTION_FILE, new TextEncoder().encode(text)] as const,
  ]);
}

/**
 * @param folder where the files lie, for messages
 * @throws InputError (`model-invalid`), or what the safetensors reader throws for broken weights
 */
export function decodeModel(folder: string, description: Uint8Array, weights: Uint8Array): SavedModel {
  const parsed = descriptionSchema.safeParse(parseDescription(folder, description));
  if (!parsed.success) throw invalid(folder, describeIssues(parsed.error));
  const { config, tokenizerJson, vocabularySize, step, tieMap } = parsed.data;
  const decoded = decodeSafetensors(weights);
  const stored = decoded.metadata['tieMap'];
  if (stored !== undefined && stored !== JSON.stringify(tieMap)) {
    throw invalid(folder, `its tie map is [${tieMap.join(', ')}], that of ${WEIGHTS_FILE} is ${stored}`);
  }
  return { config, tokenizerJson, vocabularySize, step, weights: decoded };
}

function parseDescription(folder: string, bytes: Uint8Array): unknown {
  try {
    return parseBoundedJson(bytes, DESCRIPTION_FILE);
  } catch (error) {
    throw invalid(folder, error instanceof InputError ? error.parts.found : String(error));
  }
}

function invalid(folder: string, found: string): InputError {
  return new InputError('model-invalid', {
    asked: `Load the model in the folder "${folder}"`,
    found: `${DESCRIPTION_FILE} is damaged or of another version: ${found}`,
    todo: 'Train or save the model again',
  });
}
