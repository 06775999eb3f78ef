/**
 * The configuration of a command: defaults (under the official profile its own), then the file, then flags, then
 * `--set`; checked as a whole.
 */
import {
  InputError,
  runConfigSchema,
  withProfile,
  type RunConfig,
  type RunConfigInput,
} from '@ligature/core';
import { z } from 'zod';
import { configError } from './explain.js';
import { readConfigFile } from './file.js';
import { assignmentsOf, type Assignment, type RunFlags } from './flags.js';
import { readField } from './notation.js';
import { choiceOf, CHOICES, fullPath, setPath, type Draft } from './paths.js';

export interface ConfigSource {
  readonly flags: RunFlags;
  /** Path of a configuration file. */
  readonly file?: string | undefined;
  readonly cwd: string;
}

/** What file and flags say, not yet checked. */
export interface ConfigDraft {
  readonly written: Draft;
  readonly assignments: readonly Assignment[];
  readonly file?: string | undefined;
}

/** @throws InputError (`config-unreadable`, `config-invalid`, and those of single flags) */
export async function buildConfig(source: ConfigSource): Promise<RunConfig> {
  return checkedConfig(await readDraft(source));
}

/** @throws InputError (`config-unreadable`, and those of single flags) */
export async function readDraft({ flags, file, cwd }: ConfigSource): Promise<ConfigDraft> {
  const assignments = assignmentsOf(flags);
  return { written: file === undefined ? {} : await readConfigFile(file, cwd), assignments, file };
}

/** @throws InputError (`config-invalid`) */
export function checkedConfig({ written, assignments: given, file }: ConfigDraft): RunConfig {
  const assignments = given.map(inNotation);
  const draft = assignments.reduce(assign, belowFlags(written, assignments.reduce(assign, written)));
  const endless = endlessNumbers(draft);
  const parsed = runConfigSchema.safeParse(draft);
  if (parsed.success && endless.length === 0) {
    refuseTwoBudgets(parsed.data, assignments);
    return parsed.data;
  }
  const error = parsed.error && endless.length === 0 ? parsed.error : new z.ZodError(endless);
  const origins = new Map(assignments.map(({ path, origin }) => [fullPath(path).join('.'), origin]));
  throw configError(error, draft, { flags: origins, ...(file !== undefined && { file }) });
}

const inNotation = ({ path, value, origin }: Assignment): Assignment => ({
  path,
  value: readField(path, value, origin),
  origin,
});

/** YAML has them, and nothing here means them. */
function endlessNumbers(value: unknown, path: readonly PropertyKey[] = []): z.core.$ZodIssueCustom[] {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return [
      { code: 'custom', path: [...path], message: `must be a finite number, not ${value}`, input: value },
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => endlessNumbers(inner, [...path, key]));
}

/** A file may hold both, as `--print-config` writes them: its budget counts. */
function refuseTwoBudgets({ training }: RunConfig, assignments: readonly Assignment[]): void {
  const steps = assignments.find(({ path }) => path.join('.') === 'training.steps');
  if (steps === undefined || training.budget === null) return;
  const { kind, amount } = training.budget;
  throw new InputError('budget-twice', {
    asked: `Use ${steps.origin}`,
    found: `there is a budget of ${amount} ${kind} too, which says when a run ends`,
    todo: 'Give one of the two; --set training.budget=null takes that of a file away',
  });
}

/**
 * What flags apply to: the file with the profile's values below it. The profile goes in before the flags, so that
 * `--set reward.options.clip=10` sets an option of the profile's reward.
 *
 * @param all file and flags together, which say what the profile is
 */
function belowFlags(written: Draft, all: Draft): Draft {
  const { tying } = all as RunConfigInput;
  if (tying?.profile !== 'official') return written;
  return withProfile(setPath(written, ['tying', 'profile'], tying.profile) as RunConfigInput) as Draft;
}

const USUAL: Draft = runConfigSchema.parse({});

/** A flag that names the same plug-in as the file, without options of its own, keeps the file's options. */
function assign(draft: Draft, { path, value }: Assignment): Draft {
  const [field = ''] = path;
  const [given, before] = [choiceOf(value), choiceOf(draft[field])];
  if (path.length > 1 || !CHOICES.includes(field) || !given || !before) return setPath(draft, path, value);
  const name = before.name ?? choiceOf(USUAL[field])?.name;
  return given.name === name && Object.keys(given.options).length === 0 ? draft : setPath(draft, path, value);
}
