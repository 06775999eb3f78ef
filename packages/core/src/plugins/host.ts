/**
 * Where plug-ins are registered and their entries made. Ligature's own packages come in through the same
 * door. Code is loaded only by `load`, and only what the user named.
 */
import { z } from 'zod';
import type { AnyEntry, Plugin, PluginKind, PluginKinds } from '../contracts/plugin.js';
import { describeIssues } from '../config/issues.js';
import { InputError } from '../errors.js';
import { located, missingEntry, notBuilt, notFound, shownFile } from './locate.js';
import { unknownName } from './names.js';

export const PLUGIN_KINDS = [
  'controllers',
  'evaluators',
  'rewards',
  'tokenizers',
  'datasets',
  'models',
  'backends',
  'recorders',
  'studies',
  'executors',
] as const satisfies readonly PluginKind[];

const entrySchema = z.object({
  meta: z.object({
    summary: z.string().min(1),
    options: z.custom<z.ZodType>(isSchema, 'must be a zod schema'),
  }),
  create: z.custom<() => unknown>((value) => typeof value === 'function', 'must be a function'),
});

/** A study is a command too. */
const studySchema = entrySchema.extend({
  command: z.object({
    description: z.string().min(1),
    configured: z.boolean(),
    flags: z.array(
      z.object({ flags: z.string().startsWith('--'), description: z.string(), read: z.string() }),
    ),
    common: z.record(z.string(), z.string()),
    misplaced: z.object({ verb: z.string(), found: z.string(), todo: z.string() }),
  }),
});

const pluginSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  ...Object.fromEntries(
    PLUGIN_KINDS.map((kind) => [
      kind,
      z.record(z.string(), kind === 'studies' ? studySchema : entrySchema).optional(),
    ]),
  ),
});

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as z.ZodType).safeParse === 'function';
}

export interface NamedEntry<K extends PluginKind> {
  readonly name: string;
  readonly plugin: string;
  readonly entry: AnyEntry<K>;
}

export class PluginHost {
  private readonly registered = new Map<string, Plugin>();
  private readonly loaded = new Map<string, Plugin>();

  /** @throws InputError when it is no plug-in, or offers a name that another one offers already. */
  register(plugin: Plugin): this {
    const parsed = pluginSchema.safeParse(plugin);
    if (!parsed.success) {
      const name = typeof plugin?.name === 'string' ? plugin.name : 'without a name';
      throw new InputError('plugin-invalid', {
        asked: `Register the plug-in ${name}`,
        found: describeIssues(parsed.error),
        todo: 'Export the result of `definePlugin({ name, version, controllers: { … } })`',
      });
    }
    for (const kind of PLUGIN_KINDS) {
      for (const name of Object.keys(plugin[kind] ?? {})) {
        const owner = this.all(kind).find((other) => other.name === name)?.plugin;
        if (owner !== undefined) {
          throw new InputError('plugin-name-taken', {
            asked: `Register ${kind} "${name}" of the plug-in "${plugin.name}"`,
            found: `"${owner}" offers one of that name`,
            todo: 'Rename one of them, or leave one plug-in out',
          });
        }
      }
    }
    this.registered.set(plugin.name, plugin);
    return this;
  }

  /**
   * Imports a plug-in by npm name or path and registers its default export (or an export named `plugin`).
   * Loading the same file again changes nothing.
   *
   * @param folder where relative paths and npm names are resolved from
   * @throws InputError (`plugin-not-found`, `plugin-failed`, `plugin-invalid`)
   */
  async load(specifier: string, folder: string): Promise<Plugin> {
    const asked = `Load the plug-in "${specifier}"`;
    const url = located(specifier, folder);
    if (url === undefined)
      throw new InputError('plugin-not-found', { asked, ...notFound(specifier, folder) });
    const known = this.loaded.get(url);
    if (known) return known;
    const missing = missingEntry(url);
    if (missing !== undefined) {
      throw new InputError('plugin-not-found', { asked, ...notBuilt(specifier, missing, folder) });
    }
    let module: Record<string, unknown>;
    try {
      module = (await import(url)) as Record<string, unknown>;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InputError(
        'plugin-failed',
        {
          asked,
          found: `importing it failed: ${reason}`,
          todo: 'Mend the plug-in; a TypeScript one must be compiled first',
        },
        { cause },
      );
    }
    const plugin = (module['default'] ?? module['plugin']) as Plugin | undefined;
    if (plugin === undefined) {
      const names = Object.keys(module);
      throw new InputError('plugin-invalid', {
        asked,
        found: `${shownFile(url, folder)} has no default export${names.length > 0 ? `; it exports ${names.join(', ')}` : ''}`,
        todo: 'Add `export default definePlugin({ name, version, controllers: { … } })`',
      });
    }
    this.register(plugin);
    this.loaded.set(url, plugin);
    return plugin;
  }

  plugins(): readonly Plugin[] {
    return [...this.registered.values()];
  }

  all<K extends PluginKind>(kind: K): NamedEntry<K>[] {
    return this.plugins().flatMap((plugin) =>
      Object.entries(plugin[kind] ?? {}).map(([name, entry]) => ({
        name,
        plugin: plugin.name,
        entry: entry as AnyEntry<K>,
      })),
    );
  }

  names(kind: PluginKind): string[] {
    return this.all(kind).map(({ name }) => name);
  }

  /** @throws InputError listing the known names. */
  entry<K extends PluginKind>(kind: K, name: string): AnyEntry<K> {
    const found = this.all(kind).find((one) => one.name === name);
    if (!found) throw unknownName(singular(kind), name, this.names(kind), 'add its plug-in to --plugins');
    return found.entry;
  }

  /** Validates options against the entry's schema. @throws InputError naming every option that is wrong. */
  options<K extends PluginKind>(kind: K, name: string, options: unknown): unknown {
    const schema = this.entry(kind, name).meta.options;
    const parsed = schema.safeParse(options ?? {});
    if (parsed.success) return parsed.data;
    throw new InputError('options-invalid', {
      asked: `Use the options of ${singular(kind)} "${name}"`,
      found: describeIssues(parsed.error, { value: options ?? {}, schema }),
      todo: `See \`ligature plugins ${name}\` for what it takes`,
    });
  }

  /** Makes one from validated options. */
  async create<K extends PluginKind>(
    kind: K,
    name: string,
    options: unknown,
    context: PluginKinds[K]['context'],
  ): Promise<PluginKinds[K]['made']> {
    return await this.entry(kind, name).create(this.options(kind, name, options), context);
  }
}

const singular = (kind: PluginKind): string => (kind === 'studies' ? 'study' : kind.slice(0, -1));
