/**
 * Preloaded by `node --import`: appends the path of every module that a process loads to the file of LIGATURE_TRACE.
 * ES modules are seen by a loader hook as they are resolved, CommonJS ones in Node's cache when the process ends.
 */
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';

register('./hooks.mjs', import.meta.url);

process.on('exit', () => {
  const files = Object.keys(createRequire(import.meta.url).cache);
  if (files.length > 0) appendFileSync(process.env.LIGATURE_TRACE, files.map((file) => `${file}\n`).join(''));
});
