/** What made a run: enough to run it again, and nothing that changes from one day to the next. */
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import type { SelectedBackend } from '@ligature/backends';
import type { PluginHost, RunConfig } from '@ligature/core';
import { writeJson } from './run-folder.js';

export function writeManifest(
  folder: string,
  config: RunConfig,
  backend: SelectedBackend,
  host: PluginHost,
): void {
  writeJson(join(folder, 'manifest.json'), {
    format: 1,
    seed: config.seed,
    backend: { name: backend.name, version: backend.version, detail: backend.detail },
    plugins: Object.fromEntries(host.plugins().map(({ name, version }) => [name, version])),
    machine: {
      node: process.version,
      platform: platform(),
      arch: arch(),
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
    },
  });
}
