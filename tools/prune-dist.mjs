/**
 * Removes from a package's `dist` what no source makes any more: the compiler leaves it there, nx keeps it in its cache, and npm
 * would publish it. The end of every `build` script; runs in the package's folder, on Node's own modules.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const output = join(entry.parentPath, entry.name);
  const source = output.replace(/^dist/, 'src').replace(/(?:\.d\.ts|\.js)$/, '.ts');
  if (!existsSync(source)) rmSync(output);
}
