/**
 * Configurations as earlier versions wrote them, read as those of this one: run folders and plans of studies keep theirs
 * for ever. What a person writes today is read by the schema alone, whose errors name the new places.
 */
import { z } from 'zod';
import { runConfigSchema, type RunConfig } from './schema.js';

type Fields = Record<string, unknown>;

/** Where fields of before there were tasks and optimizers to choose are now. */
export const MOVED_FIELDS: Readonly<Record<string, string>> = {
  'training.chunking': 'task.options.chunking',
  'training.weightDecay': 'optimizer.options.weightDecay',
  'training.decay': 'optimizer.options.decay',
  'training.beta1': 'optimizer.options.beta1',
  'training.beta2': 'optimizer.options.beta2',
  'training.epsilon': 'optimizer.options.epsilon',
};

/** Evaluators whose metrics are the task's now. */
export const MOVED_EVALUATORS: readonly string[] = ['perplexity', 'accuracy'];

/** Schema of a configuration that a file of a run holds, of this version or an earlier one. */
export const savedConfigSchema: z.ZodType<RunConfig> = z.unknown().transform((value, context) => {
  const parsed = runConfigSchema.safeParse(upgraded(value));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] });
  }
  return z.NEVER;
});

function upgraded(value: unknown): unknown {
  if (!isFields(value)) return value;
  const config = structuredClone(value);
  if (!hasField(config['tying'], 'until')) writeOutFirstDefaults(config);
  for (const [from, to] of Object.entries(MOVED_FIELDS)) move(config, from.split('.'), to.split('.'));
  const { evaluation, tying } = config;
  // Before there was a choice, a shared block took the steps of any other.
  if (isFields(tying) && !Object.hasOwn(tying, 'stepSize')) tying['stepSize'] = 'none';
  // Rewards were measured on what validation measures; under the official profile its own batches were written out.
  if (tying === undefined) config['tying'] = { probe: 'held-out' };
  else if (isFields(tying) && !Object.hasOwn(tying, 'probe')) tying['probe'] = 'held-out';
  if (isFields(evaluation) && Array.isArray(evaluation['evaluators'])) {
    const list = evaluation['evaluators'] as unknown[];
    const perplexity = list.find((one) => nameOf(one) === 'perplexity');
    const mean = isFields(perplexity) && isFields(perplexity['options']) && perplexity['options']['mean'];
    if (mean) place(config, ['task', 'options', 'mean'], mean);
    evaluation['evaluators'] = list.filter((one) => !MOVED_EVALUATORS.includes(String(nameOf(one))));
  }
  // Whole splits were all that there was.
  if (isFields(evaluation) && !Object.hasOwn(evaluation, 'final')) evaluation['final'] = { batches: 'all' };
  return config;
}

/**
 * Configurations of before tying could be frozen leave options out whose defaults were others then; the run goes on with
 * those. Under the official profile they are the official code's, then and now.
 */
function writeOutFirstDefaults(config: Fields): void {
  if (!hasField(config['tying'], 'profile') || config['tying']['profile'] !== 'official') {
    const compare = config['compare'];
    config['controller'] = below(config['controller'] ?? 'q-learning', 'q-learning', { preset: 'first' });
    if (hasField(compare, 'controllers') && Array.isArray(compare['controllers'])) {
      compare['controllers'] = (compare['controllers'] as unknown[]).map((one) =>
        below(one, 'q-learning', { preset: 'first' }),
      );
    }
  }
  const usual = 'log-perplexity-improvement';
  config['reward'] = below(config['reward'] ?? usual, [usual, 'metric-improvement'], { decay: 0.5 });
}

/** A choice with options of its name below those that it has. */
function below(choice: unknown, names: string | readonly string[], defaults: Fields): unknown {
  const name = nameOf(choice);
  if (![names].flat().includes(String(name))) return choice;
  if (!isFields(choice)) return { name, options: defaults };
  const { options } = choice;
  const unwritten = Object.entries(defaults).filter(([option]) => !Object.hasOwn(choice, option));
  return { ...choice, options: { ...Object.fromEntries(unwritten), ...(isFields(options) && options) } };
}

function move(config: Fields, from: readonly string[], to: readonly string[]): void {
  const [section = '', key = ''] = from;
  const found = config[section];
  if (!isFields(found) || !Object.hasOwn(found, key)) return;
  place(config, to, found[key]);
  delete found[key];
}

function place(config: Fields, path: readonly string[], value: unknown): void {
  let at = config;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    at = at[key] = isFields(next) ? next : {};
  }
  at[path.at(-1) as string] = value;
}

const nameOf = (one: unknown): unknown => (isFields(one) ? one['name'] : one);

const hasField = (value: unknown, field: string): value is Fields =>
  isFields(value) && Object.hasOwn(value, field);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
