/**
 * What a run is computed with: backend, threads, versions. Every checkpoint says it, since the last digits of all that
 * follows depend on it; whoever goes on takes it from there, and is told what is another today.
 */
import type { SelectedBackend } from '@ligature/backends';
import { ContractError, describeIssues, type Choice, type PluginHost } from '@ligature/core';
import type { LoadedCheckpoint } from '@ligature/trainer/node';
import { z } from 'zod';

/** A backend that was taken, and the choice by which it is taken again. */
export interface TakenBackend extends SelectedBackend {
  readonly choice: Choice;
}

/** The part of a checkpoint. */
export const MADE_WITH = 'madeWith';

const versions = z.record(z.string(), z.string());
const madeWithSchema = z.strictObject({
  backend: z.strictObject({
    name: z.string().min(1),
    options: z.record(z.string(), z.unknown()),
    version: z.string(),
    detail: z.string(),
    /** `null`: it cannot be told how many. */
    threads: z.int().min(1).nullable(),
  }),
  /** Of plug-ins, Ligature's own among them, by their names; `node` is what runs them. */
  versions,
});
export type MadeWith = z.output<typeof madeWithSchema>;

export function madeWith({ choice, version, detail, threads }: TakenBackend, host: PluginHost): MadeWith {
  return {
    backend: { ...choice, version, detail, threads: threads ?? null },
    versions: { node: process.version, ...pluginVersions(host) },
  };
}

export const pluginVersions = (host: PluginHost): Record<string, string> =>
  Object.fromEntries(host.plugins().map(({ name, version }) => [name, version]));

/** @returns `undefined` for a checkpoint of before this was kept */
export function madeWithOf({ name, parts }: Pick<LoadedCheckpoint, 'name' | 'parts'>): MadeWith | undefined {
  if (!Object.hasOwn(parts, MADE_WITH)) return undefined;
  const parsed = madeWithSchema.safeParse(parts[MADE_WITH]);
  if (parsed.success) return parsed.data;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "${MADE_WITH}" from ${name}`,
    found: `it does not say what it was computed with: ${describeIssues(parsed.error)}`,
    todo: 'Resume from another checkpoint',
  });
}

/** What a run was computed with so far, as far as it is known. */
export interface KnownBefore {
  readonly backend: { readonly name: string; readonly version?: string; readonly threads?: number | null };
  readonly versions: Readonly<Record<string, string>>;
}

/** What is another than before, in words: `onnxruntime 1.22.0 is 1.23.0 now`; empty where nothing is. */
export function differences(before: KnownBefore, backend: SelectedBackend, host: PluginHost): string[] {
  const { version, threads = null } = before.backend;
  const now: Record<string, string> = { node: process.version, ...pluginVersions(host) };
  const changed = (name: string, was: string, is: string): string[] =>
    was === is ? [] : [`${name} ${was} is ${is} now`];
  return [
    ...changed(backend.name, version ?? backend.version, backend.version),
    ...(threads !== null && backend.threads !== undefined && backend.threads !== threads
      ? [`${threads} ${threads === 1 ? 'thread is' : 'threads are'} ${backend.threads} now`]
      : []),
    // Plug-ins that are not there any more are missed where they are used.
    ...Object.entries(before.versions).flatMap(([name, was]) => changed(name, was, now[name] ?? was)),
  ];
}
