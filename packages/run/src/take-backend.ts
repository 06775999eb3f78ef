/** Which backend a run computes on: chosen before it begins, and the same one for as long as it lasts. */
import { join } from 'node:path';
import { selectBackend, type SelectedBackend } from '@ligature/backends';
import { explainFailure, HandlerError, InputError, type Choice, type RunConfig } from '@ligature/core';
import type { LoadedCheckpoint } from '@ligature/trainer/node';
import { z } from 'zod';
import { raiseNotice } from './compose-environment.js';
import type { HeardEnvironment } from './environment.js';
import { differences, madeWithOf, type KnownBefore, type TakenBackend } from './made-with.js';
import { readJson } from './run-folder.js';

/** What a command line may say in the place of a run's configuration. */
export interface BackendOverride {
  readonly backend?: string | Choice;
  /** Of a backend that can be told. */
  readonly threads?: number;
  /** Where a run goes on of which nothing says on which backend it began, as the other trials of its study say. */
  readonly otherwise?: string | null;
}

/** @throws InputError (`unknown-backend`, `backend-unavailable`, `options-invalid`) */
export async function takeBackend(
  config: Pick<RunConfig, 'backend' | 'threads'>,
  env: HeardEnvironment,
  override: BackendOverride = {},
): Promise<TakenBackend> {
  const threads = override.threads ?? config.threads;
  const context = threads === null ? {} : { threads };
  const asked = override.backend ?? config.backend;
  const backend = await selectBackend(asked, env.host, { context });
  if (backend.notice !== null) await raiseNotice(env, backend.notice);
  // `auto` has no options of its own.
  const options = typeof asked === 'string' || asked.name === 'auto' ? {} : asked.options;
  return { ...backend, choice: { name: backend.name, options } };
}

/**
 * The backend on which a run was computed so far, with as many threads, also where the configuration says `auto` and
 * another one would be taken today. What is another all the same, such as its version, is said.
 *
 * @throws InputError: `backend-gone` when it does not work here, `backend-unknown` when nothing says which one it was; in
 *   both cases where the caller named no other
 */
export async function takeSameBackend(
  config: RunConfig,
  checkpoint: Pick<LoadedCheckpoint, 'name' | 'parts'>,
  folder: string,
  env: HeardEnvironment,
  override: BackendOverride,
): Promise<TakenBackend> {
  const before = madeWithOf(checkpoint);
  const known = before ?? knownFromManifest(folder) ?? unlessAuto(config);
  const { otherwise = null } = override;
  if (known === undefined && override.backend === undefined && otherwise === null) throw unknown(folder);
  const began = before?.backend ?? (known && sameChoice(config, known.backend.name));
  const asked = {
    backend: began
      ? { name: began.name, options: began.options }
      : { name: otherwise ?? 'auto', options: {} },
    threads: before?.backend.threads ?? config.threads,
  };
  const backend = await (override.backend === undefined && began
    ? orGone(began.name, () => takeBackend(asked, env, override))
    : takeBackend(asked, env, override));
  if (known !== undefined) await sayDifferences(known, backend, env);
  return backend;
}

/** With the options that the configuration gives it. */
const sameChoice = ({ backend }: RunConfig, name: string): Choice =>
  backend.name === name ? backend : { name, options: {} };

const unlessAuto = ({ backend }: RunConfig): KnownBefore | undefined =>
  backend.name === 'auto' ? undefined : { backend: { name: backend.name }, versions: {} };

async function sayDifferences(
  known: KnownBefore,
  backend: SelectedBackend,
  env: HeardEnvironment,
): Promise<void> {
  const began = known.backend.name;
  if (began !== backend.name) {
    await raiseNotice(
      env,
      `the run began on ${began} and goes on with ${backend.name}: its last digits will differ`,
    );
    return;
  }
  const found = differences(known, backend, env.host);
  if (found.length === 0) return;
  const shown = [...found.slice(0, 3), ...(found.length > 3 ? [`${found.length - 3} more`] : [])];
  await raiseNotice(
    env,
    `the run goes on with something else than so far, so its last digits may differ: ${shown.join(', ')}`,
  );
}

async function orGone(began: string, take: () => Promise<TakenBackend>): Promise<TakenBackend> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      'backend-gone',
      {
        asked: `Go on with the run on the backend "${began}", on which it began`,
        found: error.parts.found,
        todo: `${error.parts.todo}. To go on with another one, name it: --backend wasm`,
      },
      { cause: error },
    );
  }
}

function unknown(folder: string): InputError {
  return new InputError('backend-unknown', {
    asked: `Go on with the run "${folder}" on the backend on which it began`,
    found: 'neither its checkpoint, of an older version, nor its manifest.json says which one that was',
    todo: 'Put manifest.json back, or name the backend: --backend onnxruntime, wasm or cpu',
  });
}

const manifest = z.looseObject({
  backend: z.looseObject({ name: z.string().min(1), version: z.string().optional() }),
  plugins: z.record(z.string(), z.string()).default({}),
});

function knownFromManifest(folder: string): KnownBefore | undefined {
  const { data } = manifest.safeParse(readJson(join(folder, 'manifest.json')));
  if (data === undefined) return undefined;
  const { name, version } = data.backend;
  return { backend: { name, ...(version !== undefined && { version }) }, versions: data.plugins };
}

/** By the run's manifest; `undefined` when there is none: it only says where a run came from. */
export const beganOn = (folder: string): string | undefined => knownFromManifest(folder)?.backend.name;

/** A failure of the backend at work in words of Ligature, also from inside a handler; anything else as it is. */
export function explainRunFailure(error: unknown): unknown {
  if (!(error instanceof HandlerError)) return explainFailure(error);
  const explained = explainFailure(error.cause);
  return explained === error.cause ? error : explained;
}
