import type { PluginKind } from '@ligature/core';

/** What one of a kind is called. */
export const nounOf = (kind: PluginKind): string =>
  kind === 'studies' ? 'study' : kind === 'weights' ? kind : kind.slice(0, -1);
