/** What made a run: enough to run it again, and nothing that changes from one day to the next. */
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import type { SelectedBackend } from '@ligature/backends';
import type { MeasuredFloor, RunConfig, SplitFiles, WeightSource } from '@ligature/core';
import { writeJson } from '@ligature/core/node';
import type { RunEnvironment, StartedBy } from './environment.js';
import { pluginVersions } from './made-with.js';
import { readJson } from './run-folder.js';

const MANIFEST = 'manifest.json';

export function writeManifest(
  folder: string,
  config: RunConfig,
  backend: SelectedBackend,
  { host, command }: Pick<RunEnvironment, 'host' | 'command'>,
  {
    weights,
    files,
    floors,
  }: {
    readonly weights?: WeightSource['origin'];
    readonly files?: SplitFiles;
    readonly floors?: readonly MeasuredFloor[];
  } = {},
): Promise<void> {
  return writeJson(join(folder, MANIFEST), {
    format: 1,
    ...beganBy(folder, command),
    seed: config.seed,
    ...(weights && { weights }),
    ...(files && { files }),
    ...(floors && { floors }),
    backend: { name: backend.name, version: backend.version, detail: backend.detail },
    plugins: pluginVersions(host),
    machine: machine(),
  });
}

/** What began a study; its trials have manifests of their own, with the backend and the plug-ins. */
export function writeStudyManifest(folder: string, command: StartedBy): Promise<void> {
  return writeJson(join(folder, MANIFEST), { format: 1, ...beganBy(folder, command), machine: machine() });
}

/** Going on with a run, on another backend say, does not change what it was begun by. */
function beganBy(folder: string, command: StartedBy | undefined): object {
  const before = readJson(join(folder, MANIFEST)) as { command?: unknown; ligature?: unknown } | undefined;
  if (before?.command !== undefined) return { command: before.command, ligature: before.ligature };
  return command === undefined ? {} : { command: command.words, ligature: command.version };
}

function machine(): Readonly<Record<string, string | number>> {
  return {
    node: process.version,
    platform: platform(),
    arch: arch(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
  };
}
