/**
 * Where plug-ins are registered and their entries made. Ligature's own packages come in through the same
 * door. Code is loaded only by `load`, and only what the user named.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { z } from 'zod';
import type { AnyEntry, Plugin, PluginKind, PluginKinds } from '../contracts/plugin.js';
import { describeIssues } from '../config/issues.js';
import { InputError } from '../errors.js';
import { parseJson } from '../json/parse-json.js';
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
] as const satisfies readonly PluginKind[];

const entrySchema = z.object({
  meta: z.object({
    summary: z.string().min(1),
    options: z.custom<z.ZodType>(isSchema, 'must be a zod schema'),
  }),
  create: z.custom<() => unknown>((value) => typeof value === 'function', 'must be a function'),
});

const pluginSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  ...Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, z.record(z.string(), entrySchema).optional()])),
});

/** What is read of a package.json here. */
const manifestSchema = z.object({
  // A name that is a path or a URL would lead anywhere.
  name: z
    .string()
    .regex(/^(@[\w.~-]+\/)?[\w~-][\w.~-]*$/)
    .optional(),
  exports: z.unknown().optional(),
  main: z.string().optional(),
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
    if (url === undefined) {
      throw new InputError('plugin-not-found', {
        asked,
        found: `neither a file nor an installed package of that name, seen from ${folder}`,
        todo: `Check the path, or run \`npm install ${specifier}\` there`,
      });
    }
    const known = this.loaded.get(url);
    if (known) return known;
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
    const plugin = (module['default'] ?? module['plugin']) as Plugin;
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

const singular = (kind: PluginKind): string => kind.slice(0, -1);

/** @throws InputError (`plugin-invalid`) when a package.json on the way is no manifest */
function located(specifier: string, folder: string): string | undefined {
  try {
    return locate(specifier, folder);
  } catch (cause) {
    throw new InputError(
      'plugin-invalid',
      {
        asked: `Load the plug-in "${specifier}"`,
        found: `its package.json cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        todo: 'Mend the package.json, or name the file of the plug-in itself',
      },
      { cause },
    );
  }
}

/** The URL of a plug-in: a path if it looks like one or exists, else a package seen from `folder`. */
function locate(specifier: string, folder: string): string | undefined {
  const path = resolve(folder, specifier);
  if (specifier.startsWith('.') || isAbsolute(specifier) || existsSync(path)) {
    if (!existsSync(path)) return undefined;
    return statSync(path).isDirectory() ? packageEntry(path) : pathToFileURL(path).href;
  }
  return importedFrom(specifier, join(resolve(folder), 'package.json'));
}

/** The entry file of a package folder: its `exports`, else `main`, else `index.js`. */
function packageEntry(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  const { name, exports, main } = existsSync(manifest)
    ? manifestSchema.parse(parseJson(readFileSync(manifest, 'utf8')))
    : {};
  // With `exports`, a package may refer to itself by name; that is the resolver's own reading of the map.
  if (exports !== undefined && name !== undefined) return importedFrom(name, manifest);
  const file = join(folder, main ?? 'index.js');
  if (relative(folder, file).startsWith('..')) throw new Error(`"main" leads out of ${folder}`);
  return existsSync(file) ? pathToFileURL(file).href : undefined;
}

function importedFrom(specifier: string, file: string): string | undefined {
  try {
    return resolveImport(specifier, pathToFileURL(file).href);
  } catch {
    return undefined;
  }
}
