/** Which backend a run computes on: chosen before it begins, and the same one for as long as it lasts. */
import { join } from 'node:path';
import { selectBackend, type SelectedBackend } from '@ligature/backends';
import { explainFailure, HandlerError, InputError, type Choice, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import { raiseNotice } from './compose-environment.js';
import type { HeardEnvironment } from './environment.js';
import { readJson } from './run-folder.js';

/** What a command line may say in the place of a run's configuration. */
export interface BackendOverride {
  readonly backend?: string | Choice;
  /** Of a backend that can be told. */
  readonly threads?: number;
}

/** @throws InputError (`unknown-backend`, `backend-unavailable`, `options-invalid`) */
export async function takeBackend(
  config: Pick<RunConfig, 'backend' | 'threads'>,
  env: HeardEnvironment,
  override: BackendOverride = {},
): Promise<SelectedBackend> {
  const threads = override.threads ?? config.threads;
  const context = threads === null ? {} : { threads };
  const backend = await selectBackend(override.backend ?? config.backend, env.host, { context });
  if (backend.notice !== null) await raiseNotice(env, backend.notice);
  return backend;
}

/**
 * The backend on which a run began, also where the configuration says `auto` and another one would be taken today.
 *
 * @throws InputError (`backend-gone`) when it does not work here, and the caller named no other
 */
export async function takeSameBackend(
  config: RunConfig,
  folder: string,
  env: HeardEnvironment,
  override: BackendOverride,
): Promise<SelectedBackend> {
  const began = config.backend.name === 'auto' ? beganOn(folder) : undefined;
  if (override.backend !== undefined || began === undefined) {
    const backend = await takeBackend(config, env, override);
    if (began !== undefined && began !== backend.name) {
      await raiseNotice(
        env,
        `the run began on ${began} and goes on with ${backend.name}: its last digits will differ`,
      );
    }
    return backend;
  }
  try {
    return await takeBackend({ ...config, backend: { name: began, options: {} } }, env, override);
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

const manifest = z.looseObject({ backend: z.looseObject({ name: z.string().min(1) }) });

/** By the run's manifest; `undefined` when there is none: it only says where a run came from. */
export function beganOn(folder: string): string | undefined {
  return manifest.safeParse(readJson(join(folder, 'manifest.json'))).data?.backend.name;
}

/** A failure of the backend at work in words of Ligature, also from inside a handler; anything else as it is. */
export function explainRunFailure(error: unknown): unknown {
  if (!(error instanceof HandlerError)) return explainFailure(error);
  const explained = explainFailure(error.cause);
  return explained === error.cause ? error : explained;
}
