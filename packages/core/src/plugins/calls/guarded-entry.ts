/** An entry of a plug-in, as everybody else sees it: what it makes is guarded, too. */
import type { AnyEntry, PluginKind } from '../../contracts/plugin.js';
import { guarded } from './guarded.js';
import type { Caller } from './make-call.js';
import type { Owner } from './plugin-call.js';
import { BEFORE, MADE } from './shapes.js';

export function guardedEntry<K extends PluginKind>(
  entry: AnyEntry<K>,
  owner: Owner,
  caller: Caller,
): AnyEntry<K> {
  const { create, made } = MADE[owner.kind];
  const calls = { ...BEFORE[owner.kind], create: { ...create, takesContext: true, makes: made } };
  return guarded(entry, { calls }, owner, caller);
}
