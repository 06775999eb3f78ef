/** publint and attw, on the tarball that would be published. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Packed } from './pack.js';
import type { Manifest } from './packages.js';

/**
 * publint's findings, suggestions included, but for one about package.json files inside a package: such a file is a
 * template here, read by nobody before it is copied out.
 */
export async function lintPackage({ tarball }: Packed): Promise<string[]> {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({
    level: 'suggestion',
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  const told = messages.filter(({ code }) => code !== 'NESTED_PACKAGE_JSON_FIELD_IGNORED');
  return told.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

const require = createRequire(import.meta.url);
const manifest = require.resolve('@arethetypeswrong/cli/package.json');
const attw = join(dirname(manifest), (require(manifest) as Manifest).bin?.['attw'] as string);

/** "Are the types wrong?", for importers that are modules themselves: these packages are for nobody else. */
export async function lintTypes({ tarball }: Packed): Promise<string[]> {
  const args = [
    attw,
    tarball,
    '--profile',
    'esm-only',
    '--no-definitely-typed',
    '--format',
    'ascii',
    '--no-color',
    '--no-emoji',
  ];
  try {
    await promisify(execFile)(process.execPath, args);
    return [];
  } catch (failed) {
    const { stdout, stderr } = failed as { stdout: string; stderr: string };
    const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
    const told = lines.filter((line) => line !== '' && !/\(ignored|: OK|^\*+$/.test(line));
    return [`attw: ${told.join(' | ')}`];
  }
}
