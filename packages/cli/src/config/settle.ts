/** Settles a configuration by the plug-ins, and says who set what an entry refuses. */
import { settleConfig, type PluginHost, type PluginKind, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import type { ConfigDraft } from './build.js';
import { configError } from './explain.js';
import { fullPath, type Draft } from './paths.js';

/** Choices whose options only their entries know. */
const SETTLED: readonly (readonly ['task' | 'model' | 'optimizer', PluginKind])[] = [
  ['task', 'tasks'],
  ['model', 'models'],
  ['optimizer', 'optimizers'],
];

/** @throws InputError (`config-invalid`) naming field, value and flag; and those of `settleConfig` */
export function settledConfig(config: RunConfig, host: PluginHost, draft?: ConfigDraft): RunConfig {
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

function originsOf(draft: ConfigDraft | undefined): { flags: ReadonlyMap<string, string>; file?: string } {
  const flags = new Map(
    (draft?.assignments ?? []).map(({ path, origin }) => [fullPath(path).join('.'), origin] as const),
  );
  return { flags, ...(draft?.file !== undefined && { file: draft.file }) };
}
