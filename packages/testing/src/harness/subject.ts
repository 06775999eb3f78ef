/** The entry under check: found by name, its options validated, things made from it. */
import { createRunContainer, describeIssues, unknownName } from '@ligature/core';
import type { AnyEntry, Plugin, PluginKind, PluginKinds, RunContainer, RunContext } from '@ligature/core';
import { Calls } from './calls.js';
import { Finding } from './finding.js';
import { nounOf } from './noun.js';

/** What every check takes. */
export interface CheckOptions {
  /** Options of the entry, as a user would write them; its defaults if left out. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** How long one call may take before it counts as unanswered; 10 seconds if left out. */
  readonly timeoutSeconds?: number;
  /** Provides what the entry takes from the container of its run, of controllers, rewards, evaluators and recorders. */
  readonly provide?: (container: RunContainer) => void;
}

export interface Subject<K extends PluginKind> {
  readonly kind: K;
  readonly plugin: Plugin;
  readonly name: string;
  readonly entry: AnyEntry<K>;
  /** As they were written. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly calls: Calls;
  /** What a run's container offers to what is made for it, a fresh one each time. */
  inRun(): RunContext;
  /** Validated, a fresh copy each time. @throws Finding (of `options-defaults`) */
  parsed(written?: Readonly<Record<string, unknown>>): unknown;
  /** A fresh thing. @throws Finding (of `creates`) */
  create(
    context: PluginKinds[K]['context'],
    calls?: Calls,
    parsed?: unknown,
  ): Promise<PluginKinds[K]['made']>;
}

/** @throws InputError (`unknown-controller` and so on) when the plug-in has no entry of that name */
export function subjectOf<K extends PluginKind>(
  kind: K,
  plugin: Plugin,
  name: string,
  { options = {}, timeoutSeconds = 10, provide }: CheckOptions = {},
): Subject<K> {
  const entries = (plugin[kind] ?? {}) as Readonly<Record<string, AnyEntry<K>>>;
  if (!Object.hasOwn(entries, name)) {
    throw unknownName(nounOf(kind), name, Object.keys(entries), 'check the plug-in that offers it');
  }
  const entry = entries[name]!;
  const calls = new Calls(timeoutSeconds);
  const parsed = (written = options): unknown => parseOptions(entry, written);
  return {
    kind,
    plugin,
    name,
    entry,
    options,
    calls,
    inRun() {
      const container = createRunContainer();
      provide?.(container);
      return { get: container.get };
    },
    parsed,
    create: (context, by = calls, chosen = parsed()) =>
      by.wait('create', () => entry.create(chosen, context), 'creates'),
  };
}

/** @throws Finding (of `options-defaults`) */
function parseOptions(entry: AnyEntry<PluginKind>, written: unknown): unknown {
  const schema = entry.meta?.options;
  if (typeof schema?.safeParse !== 'function')
    throw new Finding('meta.options is no zod schema', 'registers');
  const parsed = new Calls(1).now(
    'the schema of the options',
    () => schema.safeParse(written),
    'options-defaults',
  );
  if (parsed.success) return parsed.data;
  throw new Finding(`the schema refuses the options: ${describeIssues(parsed.error)}`, 'options-defaults');
}
