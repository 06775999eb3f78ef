/**
 * Compiles the files of ./types as they are, and with one thing spoiled at a time: a type test that could not fail
 * would prove nothing.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('./types', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Compiles texts as if they lay in ./types. @returns the compiler's messages by file name */
function compile(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const virtual = new Map([...texts].map(([name, text]) => [join(folder, name), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = virtual.get(path);
    return text === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram({ rootNames: [...virtual.keys()], options, host });
  return new Map(
    [...texts.keys()].map((name) => {
      const file = program.getSourceFile(join(folder, name));
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

/** A file beside another one. */
const copyOf = (name: string, index: number): string => join(dirname(name), `${index}-${basename(name)}`);

/** One text for each way to spoil it, compiled in one program. */
function spoil(name: string, ways: Readonly<Record<string, (text: string) => string>>): [string, string[]][] {
  const text = read(name);
  const texts = new Map(
    Object.entries(ways).map(([, way], index) => {
      const spoiled = way(text);
      expect(spoiled).not.toBe(text);
      return [copyOf(name, index), spoiled];
    }),
  );
  const messages = compile(texts);
  return Object.keys(ways).map((way, index) => [way, messages.get(copyOf(name, index)) ?? []]);
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);

describe('types', () => {
  it('are as the type tests say', () => {
    const names = ['plugin-options.ts', 'exhaustive-events.ts'];
    const messages = compile(new Map(names.map((name) => [name, read(name)])));
    expect(Object.fromEntries(messages)).toEqual(Object.fromEntries(names.map((name) => [name, []])));
  });

  it('tell every event that a switch forgets', () => {
    const name = 'exhaustive-events.ts';
    const types = [...read(name).matchAll(/case '(?<type>[a-z.]+)':/g)].map(({ groups }) => groups!['type']!);
    expect(types.length).toBe(new Set(types).size);
    const ways = types.map((type) => [type, replace(new RegExp(`    case '${type}':\n.*\n`), '')] as const);
    const results = spoil(name, Object.fromEntries(ways));
    expect(results).toHaveLength(types.length);
    for (const [type, messages] of results) {
      expect({ type, messages }).toEqual({
        type,
        messages: [expect.stringContaining("parameter of type 'never'")],
      });
    }
  });

  it('tell a schema of events that is not what their interfaces say', () => {
    const name = '../../src/events/schema.ts';
    const ways: Readonly<Record<string, (text: string) => string>> = {
      'the schema as it is': (text) => `${text}\n`,
      'another type': replace('path: z.string()', 'path: count'),
      'a field less': replace(
        "z.string(), message: z.string() }),\n  'run.diverged'",
        "z.string() }),\n  'run.diverged'",
      ),
      'a field more': replace('path: z.string()', 'path: z.string(), bytes: count'),
      'a field that may be missing': replace('path: z.string()', 'path: z.string().exactOptional()'),
      'a field that must be there': replace('z.number().min(0).max(1).exactOptional()', 'z.number()'),
      'a field inside another': replace('explored: z.boolean()', 'explored: z.string()'),
    };
    const found = spoil(name, ways).map(([way, messages]) => [way, messages.length > 0]);
    expect(found).toEqual(Object.keys(ways).map((way, index) => [way, index > 0]));
  });

  it('tell a schema and a `create` that do not fit', () => {
    const results = spoil('plugin-options.ts', {
      'another default': replace('z.number().default(2)', "z.string().default('2')"),
      'an option that may be missing': replace('z.number().default(2)', 'z.number().optional()'),
      'an option more': replace(
        "mode: z.enum(['fast', 'slow']).optional()",
        "mode: z.enum(['fast', 'slow']).optional(), more: z.null()",
      ),
      'the input in place of the output': replace('.transform((text) => text.length)', ''),
      'options that nothing is known of': replace(
        'const options = z.strictObject',
        'const options: any = z.strictObject',
      ),
      'a helper that forgets the options': replace(
        '= definePlugin(',
        "= definePlugin<Plugin & Required<Pick<Plugin, 'controllers'>>>(",
      ),
      'an error that is none': replace('void given.kepe', 'void given.keep'),
    });
    for (const [way, messages] of results)
      expect({ way, found: messages.length > 0 }).toEqual({ way, found: true });
  });
});
