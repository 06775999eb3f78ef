/** `ligature plugins [NAME]`: what there is to choose from, and what each takes. */
import {
  kindName,
  PLUGIN_KINDS,
  unknownName,
  visibleIn,
  type NamedEntry,
  type PluginHost,
  type PluginKind,
} from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import { columnsOf, paintFor, wrap, type Paint } from '../terminal/paint.js';
import type { Context } from './context.js';
import { optionRows, type OptionRow } from './option-rows.js';
import { pluginNames } from './run-options.js';

export interface ListedEntry {
  readonly kind: PluginKind;
  readonly name: string;
  readonly plugin: string;
  readonly summary: string;
}

export interface DescribedEntry extends ListedEntry {
  readonly reference: string | null;
  readonly options: readonly OptionRow[];
}

export async function plugins(
  name: string | undefined,
  flags: { readonly plugins?: readonly string[] },
  { io, json }: Context,
): Promise<number> {
  const host = createHost();
  await loadPlugins(host, { plugins: pluginNames(flags) }, io.cwd);
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  if (name === undefined) {
    const entries = listEntries(host);
    io.stdout.write(
      json ? `${JSON.stringify(entries, null, 2)}\n` : listText(visibleIn(entries), columns, paint),
    );
  } else {
    const found = describeEntries(host, name);
    io.stdout.write(
      json
        ? `${JSON.stringify(found, null, 2)}\n`
        : visibleIn(found)
            .map((one) => entryText(one, columns, paint))
            .join('\n'),
    );
  }
  return STATUS.ok;
}

const entriesOf = (host: PluginHost): (NamedEntry<PluginKind> & { kind: PluginKind })[] =>
  PLUGIN_KINDS.flatMap((kind) => host.all(kind).map((one) => ({ ...one, kind })));

export function listEntries(host: PluginHost): ListedEntry[] {
  return entriesOf(host).map(({ kind, name, plugin, entry }) => ({
    kind,
    name,
    plugin,
    summary: entry.meta.summary,
  }));
}

/** Every entry of that name; kinds may share one. @throws InputError (`unknown-plugin`) */
export function describeEntries(host: PluginHost, name: string): DescribedEntry[] {
  const found = entriesOf(host).filter((one) => one.name === name);
  if (found.length === 0) {
    throw unknownName(
      'plugin',
      name,
      [...new Set(entriesOf(host).map((one) => one.name))],
      'add its package with --plugins',
    );
  }
  return found.map(({ kind, plugin, entry }) => ({
    kind,
    name,
    plugin,
    summary: entry.meta.summary,
    reference: entry.meta.reference ?? null,
    // What is said to a study, where it makes other settings of that by itself.
    options: optionRows(('asked' in entry ? entry.asked : undefined) ?? entry.meta.options),
  }));
}

/** By kind: name, summary, and the plug-in where it is not one of Ligature's own. */
export function listText(entries: readonly ListedEntry[], columns: number, paint: Paint): string {
  const indent = Math.max(...entries.map(({ name }) => name.length)) + 4;
  const sections = PLUGIN_KINDS.filter((kind) => entries.some((one) => one.kind === kind)).map((kind) => {
    const lines = entries
      .filter((one) => one.kind === kind)
      .map(({ name, summary, plugin }) => {
        const text = plugin.startsWith('@ligature/') ? summary : `${summary} (${plugin})`;
        return `  ${paint.cyan(name.padEnd(indent - 2))}${wrap(text, columns, ' '.repeat(indent)).trimStart()}`;
      });
    return [paint.bold(kind), ...lines].join('\n');
  });
  return `${sections.join('\n\n')}\n\nOptions of one: ligature plugins NAME\n`;
}

function entryText(
  { kind, name, plugin, summary, reference, options }: DescribedEntry,
  columns: number,
  paint: Paint,
): string {
  const facts = [
    `${paint.bold(name)} (${kindName(kind)} of ${plugin})`,
    wrap(summary, columns),
    ...(reference === null ? [] : [wrap(`Reference: ${reference}`, columns)]),
    '',
    ...(options.length === 0
      ? ['It takes no options.']
      : ['Options:', ...options.map((row) => optionText(row, columns, paint))]),
  ];
  return `${facts.join('\n')}\n`;
}

function optionText(row: OptionRow, columns: number, paint: Paint): string {
  const { name, type, range, description } = row;
  const preset = row.required ? 'required' : 'no default';
  const rule = [type, range, 'default' in row ? `default ${JSON.stringify(row.default)}` : preset];
  const head = `  ${paint.cyan(name)}  ${paint.dim(rule.filter(Boolean).join(', '))}`;
  return description === '' ? head : `${head}\n${wrap(description, columns, '      ')}`;
}
