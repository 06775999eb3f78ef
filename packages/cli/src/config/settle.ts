/** Settles a configuration by the plug-ins, and says who set what an entry refuses. */
import { settleConfig, type PluginHost, type PluginKind, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import type { ConfigDraft } from './build.js';
import { configError } from './explain.js';
import { choiceOf, fullPath, type Draft } from './paths.js';

/** Choices whose options only their entries know. */
const SETTLED: readonly (readonly ['task' | 'model' | 'optimizer', PluginKind])[] = [
  ['task', 'tasks'],
  ['model', 'models'],
  ['optimizer', 'optimizers'],
];

/** @throws InputError (`config-invalid`) naming field, value and flag; and those of `settleConfig` */
export function settledConfig(given: RunConfig, host: PluginHost, draft?: ConfigDraft): RunConfig {
  const config = withUsualModel(given, host, draft);
  for (const [field, kind] of SETTLED) {
    const { name, options } = config[field];
    const schema = host.entry(kind, name).meta.options;
    const parsed = schema.safeParse(options);
    if (parsed.success) continue;
    const issues = parsed.error.issues.map((issue: z.core.$ZodIssue) => ({
      ...issue,
      path: [field, 'options', ...issue.path],
    }));
    throw configError(
      new z.ZodError(issues as z.core.$ZodIssue[]),
      config as unknown as Draft,
      originsOf(draft),
      { field, schema },
    );
  }
  return settleConfig(config, host);
}

/** The architecture that the task takes where none is named; options that are given are options of it. */
function withUsualModel(config: RunConfig, host: PluginHost, draft: ConfigDraft | undefined): RunConfig {
  // Of a folder: it says everything.
  if (!draft) return config;
  const { written, assignments } = draft;
  const usual = host.entry('tasks', config.task.name).meta.model;
  const isNamed =
    choiceOf(written['model'])?.name !== undefined ||
    assignments.some(
      ({ path: [field, below], value }) =>
        field === 'model' && (below === undefined ? choiceOf(value)?.name !== undefined : below === 'name'),
    );
  return usual === undefined || isNamed ? config : { ...config, model: { ...config.model, name: usual } };
}

function originsOf(draft: ConfigDraft | undefined): { flags: ReadonlyMap<string, string>; file?: string } {
  const flags = new Map(
    (draft?.assignments ?? []).map(({ path, origin }) => [fullPath(path).join('.'), origin] as const),
  );
  return { flags, ...(draft?.file !== undefined && { file: draft.file }) };
}
