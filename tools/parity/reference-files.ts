/** The reference files of a folder, checked before anything is computed from them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeIssues, InputError, LigatureError } from '@ligature/core';
import { decodeSafetensors } from '@ligature/weight-sharing';
import { z } from 'zod';
import { modelProblems, officialProblems } from './check-reference.js';

/** How the files write the optimizer of the Q-network. */
export const Q_OPTIMIZER = /^AdamW lr (\d[\d.e-]*) wd (\d[\d.e-]*)$/;

const row = z.array(z.int().min(0)).min(2);
const batch = z.array(row).min(1);

const config = z.looseObject({
  n_layer: z.int().positive(),
  n_embd: z.int().positive(),
  n_head: z.int().positive(),
  n_positions: z.int().positive(),
  vocab_size: z.int().positive(),
  activation_function: z.enum(['gelu', 'gelu_new']),
  layer_norm_epsilon: z.number().positive(),
  dropout: z.number().optional(),
});

const beta = z.number().min(0).lt(1);
const optimizer = z.looseObject({
  name: z.literal('AdamW'),
  learning_rate: z.number().positive(),
  betas: z.tuple([beta, beta]),
  epsilon: z.number().positive(),
  weight_decay: z.number().min(0),
  max_grad_norm: z.number().positive().nullable(),
});

const scenario = z.looseObject({
  name: z.string(),
  tie_map: z.array(z.int().min(0)),
  gradient: z.enum(['sum', 'owner']),
  activation_function: z.enum(['gelu', 'gelu_new']).optional(),
  trainable_parameters: z.int().positive(),
  independent_layers: z.int().positive(),
  steps: z.array(z.looseObject({ loss: z.number(), grad_norm: z.number() })),
  loss_of_first_batch_after_training: z.number(),
});

const modelReference = z.looseObject({
  config,
  optimizer,
  batches: z.array(batch).min(1),
  scenarios: z.array(scenario).min(1),
});

const window = z.looseObject({
  layer: z.int().positive(),
  action: z.int().min(0),
  train: z.array(batch).min(1),
  probe: batch,
  losses: z.array(z.number()),
  reward: z.number(),
  state: z.array(z.int().min(0)),
  weight_gradient_taken: z.array(z.boolean()),
  distinct_storages: z.int().positive(),
  q_predicted: z.number(),
  q_target: z.number(),
  q_loss: z.number(),
});

const officialReference = z.looseObject({
  config,
  optimizer,
  q_network: z.looseObject({
    layers: z.array(z.int()).length(3),
    /** Such as `AdamW lr 1e-3 wd 0.01`. */
    optimizer: z
      .string()
      .regex(Q_OPTIMIZER, 'expected a text such as "AdamW lr 1e-3 wd 0.01"')
      .default('AdamW lr 1e-3 wd 0.01'),
    gamma: z.number().min(0).lt(1),
    reward_clip: z.number().positive().nullable(),
  }),
  steps_per_window: z.int().positive(),
  windows: z.array(window).min(1),
});

export type ModelReference = z.output<typeof modelReference>;
export type Scenario = z.output<typeof scenario>;
export type OfficialReference = z.output<typeof officialReference>;
export type ReferenceConfig = z.output<typeof config>;
export type ReferenceOptimizer = z.output<typeof optimizer>;
export type Weights = ReturnType<typeof decodeSafetensors>['tensors'];

export type ReferenceFile =
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly reference: ModelReference;
      readonly weights: Weights;
      readonly expected: Weights;
    }
  | {
      readonly kind: 'official';
      readonly name: string;
      readonly reference: OfficialReference;
      readonly weights: Weights;
    };

/** @throws InputError when there is no such folder, or a file is damaged */
export function readReferenceFiles(folder: string): ReferenceFile[] {
  if (!existsSync(folder)) throw bad(folder, 'there is no such folder');
  if (!statSync(folder).isDirectory()) throw bad(folder, 'it is no folder');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => readOne(folder, basename(file, '.json')));
}

function readOne(folder: string, name: string): ReferenceFile[] {
  const path = join(folder, `${name}.json`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw bad(path, String(error));
  }
  const weights = (suffix: string): Weights => {
    const file = join(folder, `${name}${suffix}.safetensors`);
    if (!existsSync(file)) throw bad(file, 'it is missing');
    try {
      return decodeSafetensors(readFileSync(file)).tensors;
    } catch (error) {
      throw bad(file, error instanceof LigatureError ? error.parts.found : String(error));
    }
  };
  const has = (field: string): boolean => typeof json === 'object' && json !== null && field in json;
  if (has('scenarios')) {
    const reference = parse(modelReference, json, path);
    refuse(path, modelProblems(reference));
    const given = ownWeights(weights(''), path);
    return [{ kind: 'model', name, reference, weights: given, expected: weights('.expected') }];
  }
  if (has('windows')) {
    const reference = parse(officialReference, json, path);
    const given = ownWeights(weights(''), path);
    refuse(path, officialProblems(reference, given));
    return [{ kind: 'official', name, reference, weights: given }];
  }
  return [];
}

function parse<S extends z.ZodType>(schema: S, json: unknown, path: string): z.output<S> {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw bad(path, describeIssues(parsed.error));
  return parsed.data;
}

function refuse(path: string, problems: readonly string[]): void {
  const more = problems.length > 3 ? `, and ${problems.length - 3} more` : '';
  if (problems.length > 0) throw bad(path, problems.slice(0, 3).join('; ') + more);
}

/** What a Hugging Face state dict holds besides parameters: causal masks, and the tied head under its own name. */
function ownWeights(weights: Weights, path: string): Weights {
  const head = weights.get('lm_head.weight')?.data;
  const table = weights.get('transformer.wte.weight')?.data;
  if (head && (head.length !== table?.length || head.some((value, index) => value !== table[index]))) {
    throw bad(path, 'its lm_head.weight is not transformer.wte.weight: the head is to be tied');
  }
  const buffer = /^(lm_head\.weight|transformer\.h\.\d+\.attn\.(masked_)?bias)$/;
  return new Map([...weights].filter(([name]) => !buffer.test(name)));
}

export function bad(path: string, found: string): InputError {
  return new InputError('reference-invalid', {
    asked: `Read reference files from "${path}"`,
    found,
    todo: 'Give a folder with gpt2-*.{json,safetensors,expected.safetensors}, official-*.{json,safetensors} or cases of Hugging Face models',
  });
}
