/** What the command line lends to a study that makes its settings or its configuration out of what it was told. */
import {
  InputError,
  type PlannedTrial,
  type PluginHost,
  type RunConfig,
  type StudyTools,
} from '@ligature/core';
import { checkedConfig, type ConfigDraft } from '../config/build.js';
import { parseChoice, parseController, parseValue, splitOutside } from '../config/choice.js';
import { NUMBERS } from '../config/field-texts.js';
import { CHOICES, fieldPath, isChoicePath, type Draft } from '../config/paths.js';
import { readField } from '../config/notation.js';
import { settledConfig } from '../config/settle.js';
import { findRun } from '../folders/folder.js';
import { preflight } from '../config/preflight.js';
import type { Context } from './context.js';

/** @param draft what file and flags of this command line say */
export function studyTools(
  host: PluginHost,
  draft: ConfigDraft,
  { io, modelOptions }: Pick<Context, 'io' | 'modelOptions'>,
): StudyTools {
  const { written, assignments, file } = draft;
  const settled = (one: ConfigDraft): RunConfig => settledConfig(checkedConfig(one), host, one);
  return {
    host,
    cwd: io.cwd,
    check: checker(host, io.cwd),
    findRun: (name) => findRun(name, io),
    sources: { written, assignments },
    configure: (more, sources = draft) =>
      settled({
        written: sources.written,
        assignments: [...sources.assignments, ...more],
        ...(file !== undefined && { file }),
      }),
    // Plug-ins are those of the command line: what a run's own files name is never loaded unasked.
    override: (config) => settled({ written: { ...config, plugins: [] } as unknown as Draft, assignments }),
    read: {
      value: parseValue,
      field: (path, text, flag) => readField(path, isChoicePath(path) ? text : parseValue(text), flag),
      choice: parseChoice,
      controller: parseController,
      split: splitOutside,
      path: fieldPath,
      short: {
        ...NUMBERS,
        ...Object.fromEntries(modelOptions.map((name) => [name, ['model', 'options', name]])),
      },
      choices: CHOICES,
    },
  };
}

/** Remembers what it has found to be right: trials of a study differ in little. */
function checker(host: PluginHost, cwd: string): StudyTools['check'] {
  const right = new Set<string>();
  return async (config) => {
    // How trials are run, and with which seed, changes nothing of that.
    const key = JSON.stringify({ ...config, seed: 0, compare: null, threads: null });
    if (right.has(key)) return;
    await preflight(settledConfig(config, host), [config.controller], host, cwd);
    right.add(key);
  };
}

/** Every trial of a plan, each kind of them once. @throws InputError naming the trial where there are several kinds */
export async function checkTrials(
  trials: readonly PlannedTrial[],
  check: (config: RunConfig) => Promise<void>,
): Promise<void> {
  const several = new Set(trials.map(({ label }) => label)).size > 1;
  for (const { label, config } of trials) {
    try {
      await check(config);
    } catch (cause) {
      if (!(cause instanceof InputError) || !several) throw cause;
      const { asked, found, todo } = cause.parts;
      // A name says by itself which of the trials it is.
      throw asked.includes(label)
        ? cause
        : new InputError(cause.code, { asked: `${asked} in ${label}`, found, todo }, { cause });
    }
  }
}
