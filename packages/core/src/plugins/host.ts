/**
 * Where plug-ins are registered and their entries made. Ligature's own packages come in through the same
 * door. Files of plug-ins are loaded by `loadPlugin` of `@ligature/core/node`.
 */
import { z } from 'zod';
import type { AnyEntry, Plugin, PluginKind, PluginKinds } from '../contracts/plugin.js';
import { describeIssues } from '../config/issues.js';
import { InputError } from '../errors.js';
import { unknownName } from './names.js';

export const PLUGIN_KINDS = [
  'controllers',
  'evaluators',
  'rewards',
  'tokenizers',
  'datasets',
  'models',
  'tasks',
  'adapters',
  'optimizers',
  'weights',
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
    if (!found) throw unknownName(kindName(kind), name, this.names(kind), 'add its plug-in to --plugins');
    return found.entry;
  }

  /** Validates options against the entry's schema. @throws InputError naming every option that is wrong. */
  options<K extends PluginKind>(kind: K, name: string, options: unknown): unknown {
    const schema = this.entry(kind, name).meta.options;
    const parsed = schema.safeParse(options ?? {});
    if (parsed.success) return parsed.data;
    throw new InputError('options-invalid', {
      asked: `Use the options of ${kindName(kind)} "${name}"`,
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

const SINGULARS: Readonly<Partial<Record<PluginKind, string>>> = {
  studies: 'study',
  weights: 'weights source',
};

/** What one entry of a kind is called: `controller`. */
export const kindName = (kind: PluginKind): string => SINGULARS[kind] ?? kind.slice(0, -1);
