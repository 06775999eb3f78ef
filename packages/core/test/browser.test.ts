/** The main entry runs in a browser: bundled for one, nothing of Node is asked for. */
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';
import { describe, expect, it } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** @returns ids of the modules of Node that a bundle for browsers would need, and the bundle's code */
async function bundled(entry: string): Promise<{ readonly node: string[]; readonly code: string }> {
  const node: string[] = [];
  const output = await build({
    root: path('.'),
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: path(entry), formats: ['es'] },
      rollupOptions: { onwarn: () => undefined, treeshake: false },
    },
    plugins: [
      {
        name: 'what-node-is-asked-for',
        // Before Vite puts its empty stand-in in the place of a module of Node.
        enforce: 'pre',
        resolveId(id) {
          if (!isBuiltin(id)) return null;
          node.push(id);
          return { id, external: true };
        },
      },
    ],
  });
  const [first] = [output].flat() as Rollup.RollupOutput[];
  return { node, code: first!.output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('\n') };
}

describe('core in a browser', () => {
  it('asks for nothing of Node', async () => {
    const { node, code } = await bundled('../src/index.ts');
    expect(node).toEqual([]);
    expect(code).toContain('createEventBus');
  });

  it('would be told if it did: the entry for Node does', async () => {
    const { node } = await bundled('../src/node/index.ts');
    expect(node).toEqual(expect.arrayContaining(['node:async_hooks', 'node:fs', 'node:path', 'node:url']));
  });
});
