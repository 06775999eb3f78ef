/** Where backends come from: a plug-in host, or a plain map of entries. */
import type { AnyEntry } from '@ligature/core';
import { plugin } from './plugin.js';

export type BackendEntries = Readonly<Record<string, AnyEntry<'backends'>>>;

/** What is asked of a plug-in host; core's `PluginHost` is one. */
export interface BackendHost {
  all(kind: 'backends'): readonly { readonly name: string; readonly entry: AnyEntry<'backends'> }[];
}

export type BackendSource = BackendEntries | BackendHost;

/** The order in which `auto` tries: fastest first. Names that a source lacks are passed over. */
export const AUTOMATIC_ORDER: readonly string[] = [
  'tensorflow-gpu',
  'onnxruntime',
  'tensorflow',
  'wasm',
  'cpu',
];

const isHost = (source: BackendSource): source is BackendHost => typeof source.all === 'function';

/** Entries by name, this package's own if no source is given. */
export function entriesOf(
  source: BackendSource = plugin.backends,
): ReadonlyMap<string, AnyEntry<'backends'>> {
  return new Map(
    isHost(source) ? source.all('backends').map(({ name, entry }) => [name, entry]) : Object.entries(source),
  );
}
