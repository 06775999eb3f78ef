/**
 * Where plug-ins are registered and their entries made. Ligature's own packages come in through the same
 * door. Files of plug-ins are loaded by `loadPlugin` of `@ligature/core/node`.
 */
import { z } from 'zod';
import type { AnyEntry, Plugin, PluginKind, PluginKinds } from '../contracts/plugin.js';
import { describeIssues } from '../config/issues.js';
import { InputError } from '../errors.js';
import { everyPlatform, type CallPlatform } from './calls/call-platform.js';
import { guardedEntry } from './calls/guarded-entry.js';
import { makeCall, type Caller } from './calls/make-call.js';
import { kindName, PLUGIN_KINDS } from './kinds.js';
import { unknownName } from './names.js';

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

export interface PluginHostOptions {
  /** Default: what can be done everywhere; `pluginGuard` of `@ligature/core/node` also ends code that does not return. */
  readonly platform?: CallPlatform;
}

export interface RegisterOptions {
  /**
   * Whether calls are timed; default: true. For plug-ins that are as good as the program's own code: a timer costs a
   * twentieth of a millisecond, and the handlers of some are called at every step.
   */
  readonly timed?: boolean;
}

/** How long a call may take that only keeps books, where no run says how long; `tying.timeoutSeconds` does. */
const SECONDS = 60;

export interface CreateOptions {
  /** How long calls may take that only keep books; null: for ever. Default: 60. */
  readonly seconds?: number | null;
}

export class PluginHost {
  private readonly registered = new Map<string, Plugin>();
  private readonly untimed = new Set<Plugin>();
  private readonly platform: CallPlatform;

  constructor({ platform = everyPlatform }: PluginHostOptions = {}) {
    this.platform = platform;
  }

  /** @throws InputError when it is no plug-in, or offers a name that another one offers already. */
  register(plugin: Plugin, { timed = true }: RegisterOptions = {}): this {
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
        const owner = this.plugins().find((other) => Object.hasOwn(other[kind] ?? {}, name));
        if (owner !== undefined) {
          throw new InputError('plugin-name-taken', {
            asked: `Register ${kind} "${name}" of the plug-in "${plugin.name}"`,
            found: `"${owner.name}" offers one of that name`,
            todo: 'Rename one of them, or leave one plug-in out',
          });
        }
      }
    }
    this.registered.set(plugin.name, plugin);
    if (!timed) this.untimed.add(plugin);
    return this;
  }

  plugins(): readonly Plugin[] {
    return [...this.registered.values()];
  }

  /** All entries of a kind. Every call into one, and into what it makes, has a name, a time limit and an end. */
  all<K extends PluginKind>(kind: K, options?: CreateOptions): NamedEntry<K>[] {
    return this.plugins().flatMap((plugin) =>
      Object.keys(plugin[kind] ?? {}).map((name) => this.named(plugin, kind, name, options)),
    );
  }

  names(kind: PluginKind): string[] {
    return this.plugins().flatMap((plugin) => Object.keys(plugin[kind] ?? {}));
  }

  /** @throws InputError listing the known names. */
  entry<K extends PluginKind>(kind: K, name: string, options?: CreateOptions): AnyEntry<K> {
    return this.named(this.owner(kind, name), kind, name, options).entry;
  }

  private named<K extends PluginKind>(
    plugin: Plugin,
    kind: K,
    name: string,
    { seconds = SECONDS }: CreateOptions = {},
  ): NamedEntry<K> {
    const entry = plugin[kind]?.[name] as AnyEntry<K>;
    const owner = { plugin: plugin.name, kind, entry: name };
    return { name, plugin: plugin.name, entry: guardedEntry(entry, owner, this.caller(plugin, seconds)) };
  }

  private caller(plugin: Plugin, seconds: number | null): Caller {
    return { platform: this.platform, seconds, timed: !this.untimed.has(plugin) };
  }

  private owner(kind: PluginKind, name: string): Plugin {
    const plugin = this.plugins().find((one) => Object.hasOwn(one[kind] ?? {}, name));
    if (plugin) return plugin;
    throw unknownName(kindName(kind), name, this.names(kind), 'add its plug-in to --plugins');
  }

  /**
   * Validates options against the entry's schema.
   *
   * @throws InputError naming every option that is wrong, PluginError when the schema itself fails
   */
  options<K extends PluginKind>(kind: K, name: string, options: unknown): unknown {
    const schema = this.entry(kind, name).meta.options;
    const plugin = this.owner(kind, name);
    const call = { plugin: plugin.name, kind, entry: name, call: 'the schema of the options' };
    const parsed = makeCall(call, { pace: 'quick' }, this.caller(plugin, SECONDS), [], () =>
      schema.safeParse(options ?? {}),
    ) as z.ZodSafeParseResult<unknown>;
    if (parsed.success) return parsed.data;
    throw new InputError('options-invalid', {
      asked: `Use the options of ${kindName(kind)} "${name}"`,
      found: describeIssues(parsed.error, { value: options ?? {}, schema }),
      todo: `See \`ligature plugins ${name}\` for what it takes`,
    });
  }

  /**
   * Makes one from validated options. Each call into what is made has a name, a time limit and an end.
   *
   * @throws InputError (`options-invalid`), PluginError when `create` fails
   */
  async create<K extends PluginKind>(
    kind: K,
    name: string,
    options: unknown,
    context: PluginKinds[K]['context'],
    limits?: CreateOptions,
  ): Promise<PluginKinds[K]['made']> {
    const checked = this.options(kind, name, options);
    return await this.entry(kind, name, limits).create(checked, context);
  }
}
