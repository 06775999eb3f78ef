/** One case: a folder of a Hugging Face model and what `transformers` computed with it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describeIssues, InputError, LigatureError, type WeightsFile } from '@ligature/core';
import { decodeSafetensors } from '@ligature/weight-sharing';
import { z } from 'zod';
import type { Weights } from '../reference-files.js';

const FILES = ['config.json', 'model.safetensors', 'reference.json', 'reference.safetensors'] as const;

/** What every `config.json` has; the rest is read by whoever makes the model. */
const configSchema = z.looseObject({ model_type: z.string() });

const referenceSchema = z.looseObject({
  /** Name of the class in `transformers`. */
  architecture: z.string(),
  tieMaps: z
    .record(z.string(), z.array(z.int().min(0)).min(1))
    .refine((maps) => Object.keys(maps).length > 0, 'there is no tie map'),
  optimizer: z.looseObject({
    name: z.literal('AdamW'),
    learningRate: z.number().positive(),
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    epsilon: z.number().positive(),
    weightDecay: z.number().min(0),
    decay: z.enum(['all', 'matrices']),
  }),
  /** For each map those of the steps, each before its update. */
  losses: z.record(z.string(), z.array(z.number()).min(1)),
});

export type HfConfig = z.output<typeof configSchema>;
export type HfReference = z.output<typeof referenceSchema>;

export interface HfCase {
  readonly config: HfConfig;
  readonly reference: HfReference;
  readonly weights: WeightsFile;
  /** `inputs.*`, `labels.*`, `logits.MAP`, `grad.MAP.NAME`. */
  readonly expected: Weights;
}

/** The cases of a folder: itself, or those of its folders that have any file of a case; paths by name. */
export function caseFolders(folder: string): ReadonlyMap<string, string> {
  const isCase = (path: string): boolean => FILES.some((file) => existsSync(join(path, file)));
  if (isCase(folder)) return new Map([[basename(resolve(folder)), folder]]);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return new Map();
  const folders = readdirSync(folder)
    .sort()
    .map((name) => [name, join(folder, name)] as const);
  return new Map(folders.filter(([, path]) => isCase(path)));
}

/** @throws InputError (`reference-invalid`) naming the file that is missing or damaged */
export function readCase(folder: string): HfCase {
  const [config, model, reference, tensors] = FILES.map((file) => join(folder, file)) as [
    string,
    string,
    string,
    string,
  ];
  const read = readJson(referenceSchema, reference);
  const without = Object.keys(read.tieMaps).find((name) => !Object.hasOwn(read.losses, name));
  if (without !== undefined) throw bad(reference, `it has no losses of the tie map "${without}"`);
  return {
    config: readJson(configSchema, config),
    reference: read,
    weights: readTensors(model),
    expected: readTensors(tensors).tensors,
  };
}

function readJson<S extends z.ZodType>(schema: S, path: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(bytesOf(path).toString());
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw bad(path, String(error));
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw bad(path, describeIssues(parsed.error));
  return parsed.data;
}

function readTensors(path: string): ReturnType<typeof decodeSafetensors> {
  const bytes = bytesOf(path);
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    throw bad(path, error instanceof LigatureError ? error.parts.found : String(error));
  }
}

function bytesOf(path: string): Buffer {
  if (!existsSync(path)) throw bad(path, 'it is missing');
  return readFileSync(path);
}

const bad = (path: string, found: string): InputError =>
  new InputError('reference-invalid', {
    asked: `Read a reference case from "${path}"`,
    found,
    todo: `Give a folder with ${FILES.join(', ')}`,
  });
