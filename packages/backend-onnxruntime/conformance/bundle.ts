/**
 * Bundles tfjs-core's own specs together with the backends that they run on. The specs ship as ES modules without file
 * extensions, which Node does not load, and specs and backends must share one copy of tfjs-core.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));

/** @returns the path of the bundle, a CommonJS file */
export async function bundleSpecs(): Promise<string> {
  const outfile = path.join(here, '..', 'node_modules', '.cache', 'conformance', 'specs.cjs');
  await build({
    entryPoints: [path.join(here, 'specs.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    conditions: ['@ligature/source'],
    external: ['onnxruntime-node', 'onnxruntime-common', 'protobufjs', 'jasmine-core', 'node-fetch'],
    // tfjs-core's package.json calls its specs free of side effects, and esbuild would leave them out.
    ignoreAnnotations: true,
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  return outfile;
}
