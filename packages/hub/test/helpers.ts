import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub, type Clock, type Hub, type HubOptions } from '@ligature/hub';
import { onTestFinished } from 'vitest';
import { commitOf, type HubServer, type ServedRepo } from './hub-server.js';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-hub-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
export const fixture = (path: string): Buffer => readFileSync(join(fixtures, path));
const below = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(join(fixtures, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name).slice(join(fixtures, folder).length + 1);
        return [path.replaceAll('\\', '/'), readFileSync(join(entry.parentPath, entry.name))];
      }),
  );

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Made-up rows in the layout of Salesforce/wikitext. */
export const wikitext = (): ServedRepo => ({
  refs: { main: commitOf('a') },
  commits: {
    [commitOf('a')]: { 'README.md': text('---\nlicense: cc\n---\n# WikiText\n'), ...below('wikitext') },
  },
});
export const glue = (): ServedRepo => ({
  refs: { main: commitOf('b') },
  commits: { [commitOf('b')]: below('glue') },
});

/** Time that passes at once; what waits for a silent server is woken when the server says that it is silent. */
export function fakeClock(): Clock & { readonly slept: number[]; silence(): void } {
  const alarms = new Set<() => void>();
  const slept: number[] = [];
  let silent = false;
  return {
    slept,
    now: () => Date.UTC(2020, 0, 1),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      silent = false;
    },
    alarm(_, ring) {
      if (silent) setImmediate(ring);
      alarms.add(ring);
      return () => alarms.delete(ring);
    },
    silence() {
      silent = true;
      for (const ring of [...alarms]) ring();
    },
  };
}

export interface Made {
  readonly hub: Hub;
  readonly cache: string;
  readonly notices: string[];
  readonly told: { done: number; total: number }[];
  readonly clock: ReturnType<typeof fakeClock>;
}

export function hubOn(server: HubServer, options: HubOptions = {}): Made {
  const cache = options.cacheFolder ?? temporaryFolder();
  const [notices, told, clock] = [[] as string[], [] as Made['told'], fakeClock()];
  const hub = createHub({
    ...{ cacheFolder: cache, env: { HF_ENDPOINT: server.url }, clock },
    onNotice: (message) => notices.push(message),
    ...options,
    onProgress: (message, progress) => {
      server.arrived = progress.done;
      told.push(progress);
      options.onProgress?.(message, progress);
    },
  });
  return { hub, cache, notices, told, clock };
}
