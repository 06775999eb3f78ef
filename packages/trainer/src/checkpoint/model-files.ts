/**
 * The two files of a model: `model.safetensors` (every block once, the tie map in its metadata) and `model.json`
 * (what else is needed to build it again).
 */
import {
  assertJsonDepth,
  ContractError,
  describeIssues,
  InputError,
  savedConfigSchema,
} from '@ligature/core';
import type { Json, ModelInputs, RunConfig, WeightsFile } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors } from '@ligature/weight-sharing';
import type { SafetensorsFile } from '@ligature/weight-sharing';
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { DESCRIPTION_FILE, WEIGHTS_FILE } from './file-names.js';

/** What a model needs besides its weights. */
export interface ModelDescription {
  /** The configuration of the run that trained it: names and options of task, model and tokenizer. */
  readonly config: RunConfig;
  /** `Fitted.saved` of its task: tokenizer, names of classes. */
  readonly task: Json;
  /** `Fitted.inputs`: the facts of the data that the model was made for. */
  readonly inputs: ModelInputs;
  /** Training steps that it has seen. */
  readonly step: number;
}

/** A loaded model: build the model from the description, then `registry.importWeights(weights)`. */
export interface SavedModel extends ModelDescription {
  readonly weights: WeightsFile;
}

const common = {
  format: z.literal('ligature-model'),
  step: z.int().min(0),
  tieMap: z.array(z.int().min(0)),
  config: savedConfigSchema,
};

// Whatever a task or a tokenizer wrote: it checks that itself when it is made again.
const written = z.custom<Json>((value) => value !== undefined);

const descriptionSchema = z.object({
  ...common,
  version: z.literal(2),
  task: written,
  inputs: z.record(z.string(), z.number()),
});

type Description = ModelDescription & { readonly tieMap: readonly number[] };

/** Of before there were tasks: a language model and its tokenizer. */
const firstSchema = z
  .object({ ...common, version: z.literal(1), vocabularySize: z.int().positive(), tokenizerJson: written })
  .transform(({ vocabularySize, tokenizerJson, version: _, ...rest }) => ({
    ...rest,
    task: { tokenizer: tokenizerJson },
    inputs: { vocabularySize },
  }));

/**
 * @param weights as `WeightRegistry.exportWeights` gives them
 * @throws ContractError (`model-unwritable`) when the description is nested too deeply to be read again
 */
export function encodeModel(
  weights: SafetensorsFile,
  description: ModelDescription,
): ReadonlyMap<typeof WEIGHTS_FILE | typeof DESCRIPTION_FILE, Uint8Array> {
  const { config, task, inputs, step } = description;
  const json = {
    format: 'ligature-model',
    version: 2,
    step,
    tieMap: JSON.parse(weights.metadata['tieMap'] ?? '[]') as number[],
    config,
    task,
    inputs,
  };
  const text = `${JSON.stringify(json, null, 2)}\n`;
  try {
    assertJsonDepth(text);
  } catch (error) {
    throw new ContractError('model-unwritable', {
      asked: `Save the model of step ${step}`,
      found: `in ${DESCRIPTION_FILE}, ${error instanceof Error ? error.message : String(error)}`,
      todo: 'Let what the task saves and the options be flatter',
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
  const json = parseDescription(folder, description);
  const isFirst = z.looseObject({ version: z.literal(1) }).safeParse(json).success;
  const schema: z.ZodType<Description> = isFirst ? firstSchema : descriptionSchema;
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalid(folder, describeIssues(parsed.error));
  const { config, task, inputs, step, tieMap } = parsed.data;
  const decoded = decodeSafetensors(weights);
  const stored = decoded.metadata['tieMap'];
  if (stored !== undefined && stored !== JSON.stringify(tieMap)) {
    throw invalid(folder, `its tie map is [${tieMap.join(', ')}], that of ${WEIGHTS_FILE} is ${stored}`);
  }
  return { config, task, inputs, step, weights: decoded };
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
